"""A shop for stories in the browser: today's table has a case in every status, some with long names, one all red."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from dunning.actions.case.block import block_case
from dunning.clock import read_now
from dunning.records import db, transaction
from dunning.records.people import IncassoSettings, User
from dunning.running import current_settings
from tests.builders import (
    a_desk,
    a_user,
    a_vendor,
    an_actor,
    an_order_row,
    find_case,
    find_receivable,
    finish_life,
    import_rows,
    pay,
    play,
    play_until,
)

VENDOR, NEIGHBOUR = 79424, 79425
PEOPLE = {
    "vendor": "vendor@example.com",
    "neighbour": "neighbour@example.com",
    "support": "support@example.com",
}
# claims above it are handed over by themselves
LIMIT = 1_000_00
LONG = {
    "company": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk GmbH & Co. KG",
    "last_name": "Wolkenstein-Hohenmustermann",
    "city": "Hellschen-Heringsand-Unterschaar",
    "zipcode": "25764",
}
RED = {"house_number": "", "zipcode": "8080", "last_name": "Rothe"}

# order ID -> days since its due date, details; opened before the vendor chose to review each case
EARLY: dict[str, tuple[int, dict[str, Any]]] = {
    "RUNNING1": (14, {"last_name": "Laufer", "amount_cents": 490_00}),
    "CANCELLED1": (14, {"last_name": "Ende"}),
    "PAID1": (14, {"last_name": "Zahler"}),
    "BLOCKED1": (14, {"last_name": "Halt"}),
    "FAILED1": (14, RED),
    "READY1": (45, {"last_name": "Bereit", "amount_cents": 250_00}),
    "HANDED1": (45, {"last_name": "Fort", "amount_cents": 1_500_00}),
    "REJECTED1": (45, {"last_name": "REJECT-Muster", "amount_cents": 1_600_00}),
    "REVIEWED1": (45, {"last_name": "SLOW-Muster", "amount_cents": 1_700_00}),
    "LONG1": (45, LONG | {"amount_cents": 123_456_78}),
    "PLAN1": (14, {"rates": 6, "payment_plan": "breakdown_payment", "last_name": "Rater"}),
}
LATE: dict[str, tuple[int, dict[str, Any]]] = {
    "WAITING1": (10, {"last_name": "Warter"}),
    "WAITING2": (10, RED | {"last_name": "Offen", "amount_cents": 312_50}),
    "CLOSED1": (10, {"last_name": "Zumachen"}),
    "YOUNG1": (4, {"last_name": "Frisch"}),
}
# as many as make the first page full; ordered by phone, so that nothing is sent
MANY = {f"MANY{n:02}": (10, {"first_name": f"Person {n}", "email": ""}) for n in range(40)}


def fill_shop() -> None:
    """Plays the past up to today, in the present app."""
    today = current_settings().local_day(read_now())
    open_accounts()
    lives = EARLY | LATE | MANY
    rows = [
        an_order_row(VENDOR, order_id=order_id, order_date=today - dt.timedelta(days), **details)
        for order_id, (days, details) in lives.items()
    ]
    foreign = an_order_row(NEIGHBOUR, order_id="FOREIGN1", order_date=today - dt.timedelta(14))
    import_rows(*sorted([*rows, foreign], key=lambda row: row.order_date), on=today - dt.timedelta(45))
    play_until(today - dt.timedelta(1))
    choose_review()
    play(today)
    finish_lives(today)


def open_accounts() -> None:
    """Two vendors and three people who log in."""
    a_vendor(VENDOR, "Kurs GmbH", handover_threshold=LIMIT)
    a_vendor(NEIGHBOUR, "Nachbar AG")
    a_user(vendor_id=VENDOR, email=PEOPLE["vendor"], name="Kurs GmbH")
    a_user(vendor_id=NEIGHBOUR, email=PEOPLE["neighbour"])
    a_user("support", email=PEOPLE["support"], name="Support")


def choose_review() -> None:
    """From now on every case waits for its Start."""
    with transaction() as session:
        session.get_one(IncassoSettings, VENDOR).incasso_review = True


def finish_lives(today: dt.date) -> None:
    """What people do today."""
    finish_life("cancelled", case_of("CANCELLED1"), today)
    finish_life("closed", case_of("CLOSED1"), today)
    pay("PAID1", 100_00, today)
    blocker = an_actor(case_of("BLOCKED1"), "support")
    block_case(case_of("BLOCKED1"), "unsure", blocker, a_desk(today), until=today + dt.timedelta(20))


def find_user(who: str) -> int:
    """The id of one of PEOPLE."""
    user_id = db.session.scalars(select(User.id).where(User.email == PEOPLE[who])).one()
    db.session.rollback()
    return user_id


def case_of(order_id: str) -> int:
    """The id of the case of an order's first receivable; leaves no reader open that would not see later clicks."""
    case_id = find_case(find_receivable(order_id))
    db.session.rollback()
    return case_id
