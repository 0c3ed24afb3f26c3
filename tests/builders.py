"""Makes the things tests speak of: `a_vendor(name="…")`, `an_order(amount=…)`, `a_case(status="running", day=12)`.

Everything comes into being as in life: rows are imported, days are played, effects carried out, verbs called.
"""

import datetime as dt
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from dunning import effects
from dunning.actions.case.block import block_case
from dunning.actions.case.cancel import cancel_case
from dunning.actions.dossier.dossier import Dossier, read_dossiers
from dunning.actions.money.book_payments import Tally, take_payments
from dunning.actions.orders.import_orders import take_orders
from dunning.actions.people.passwords import hash_password
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.jobs import carry_out
from dunning.outside.platform.order_csv import OrderRow
from dunning.outside.platform.payment_csv import PaymentRow
from dunning.records import db, transaction
from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.journal import History, RunDay
from dunning.records.orders import Order, Receivable
from dunning.records.people import IncassoSettings, User, Vendor
from dunning.work import Actor
from tests.lives import live
from tests.names import numbers

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
PASSWORD_HASH = hash_password(PASSWORD)
# a Monday without holidays near; the days that follow from it: reminder 7, first letter 12, second letter 22 January
DUE = dt.date(2026, 1, 2)

ORDER: dict[str, Any] = {
    "row": 2,
    "order_date": DUE,
    "due_date": None,
    "rate_number": 1,
    "rates": 1,
    "amount_cents": 100_00,
    "currency": "EUR",
    "payment_method": "invoice",
    "payment_plan": "one_time_payment",
    "payment_status": "pending",
    "product_id": "P-1",
    "product_name": "Onlinekurs Bildbearbeitung",
    "buyer_id": "B-1",
    "first_name": "Anna",
    "last_name": "Muster",
    "company": "",
    "email": "anna@example.org",
    "phone": "+49 30 123456",
    "street": "Am Beispielbach",
    "house_number": "4",
    "details": "",
    "zipcode": "80804",
    "city": "München",
    "country": "DE",
    "test_payment": False,
}


def a_vendor(vendor_id: int | None = None, name: str = "Kurs GmbH", **settings) -> int:
    """A vendor that chose scheme 2 and automatic, unless settings say otherwise; returns the id."""
    vendor_id = vendor_id or 79000 + next(numbers)
    chosen = {"incasso_schema": 2, "incasso_review": False} | settings
    with transaction() as session:
        session.add(Vendor(id=vendor_id, name=name, email=f"v{vendor_id}@example.com", created_at=NOW))
        session.flush()
        session.add(IncassoSettings(user_id=vendor_id, **chosen))
    return vendor_id


def a_user(role: str = "vendor", vendor_id: int | None = None, email: str = "", **columns) -> int:
    """Someone who logs in with PASSWORD; returns the id."""
    if role == "vendor" and vendor_id is None:
        vendor_id = a_vendor()
    email = email or f"u{next(numbers)}@example.com"
    row = User(email=email, role=role, vendor_id=vendor_id, password_hash=PASSWORD_HASH, **columns)
    row.created_at = NOW
    with transaction() as session:
        session.add(row)
        session.flush()
        return row.id


def an_actor(case_id: int, role: str = "vendor", **changes) -> Actor:
    """Somebody who may act on the case: a user of its vendor, or of the staff."""
    vendor_id = read_case(case_id).vendor_id if role == "vendor" else None
    return Actor(role, a_user(role, vendor_id=vendor_id), vendor_id, **changes)


def a_desk(on: dt.date = DUE, *, pinned: bool = True, **changes: Any) -> Desk:
    """A desk of a day, at nine in the morning (UTC). Pinned, as `flask dunning run` works, unless said otherwise."""
    now = dt.datetime.combine(on, dt.time(9), dt.UTC)
    fields = {"policy": current_app.config["SETTINGS"].policy, "today": on, "now": now, "pinned": pinned}
    return Desk(**fields | changes)


def a_desk_now() -> Desk:
    """A desk of the present, whose day is the local one: near midnight UTC has another."""
    now = read_now()
    return a_desk(current_app.config["SETTINGS"].local_day(now), now=now)


def an_order_row(vendor_id: int, **changes: Any) -> OrderRow:
    """A row of an orders file: 100 € by invoice, due on DUE."""
    order_id = changes.pop("order_id", f"A{next(numbers)}")
    return OrderRow(**ORDER | {"vendor_id": vendor_id, "order_id": order_id} | changes)


def import_rows(*rows: OrderRow, on: dt.date | None = None) -> Tally:
    """Imports rows on a day, without more said on that of the first order."""
    return take_orders(rows, a_desk(on or rows[0].order_date))


def a_receivable(vendor_id: int | None = None, *, on: dt.date | None = None, **changes: Any) -> int:
    """An imported order with one receivable; returns the receivable's id."""
    row = an_order_row(vendor_id or a_vendor(), **changes)
    import_rows(row, on=on)
    return find_receivable(row.order_id, row.rate_number)


def an_order(vendor_id: int | None = None, *, rates: int = 1, **changes: Any) -> str:
    """An imported order; with `rates` a plan of so many, a month of 30 days apart. Returns its order ID."""
    vendor_id = vendor_id or a_vendor()
    first = an_order_row(vendor_id, **changes)
    plan = {"rates": rates, "payment_plan": "breakdown_payment" if rates > 1 else first.payment_plan}
    rows = [
        an_order_row(vendor_id, **changes | plan | {"order_id": first.order_id, "rate_number": n, "due_date": day})
        for n, day in enumerate((first.order_date + dt.timedelta(30 * i) for i in range(rates)), start=1)
    ]  # fmt: skip
    import_rows(*rows)
    return first.order_id


def a_payment_row(order_id: str | None, cents: int = 100_00, on: dt.date = DUE, **changes: Any) -> PaymentRow:
    """A row of a payments file; a payment of its own unless `identity` says otherwise."""
    fields: dict[str, Any] = {
        "row": 2,
        "order_id": order_id,
        "rate_number": None,
        "amount_cents": cents,
        "currency": "EUR",
        "value_date": on,
        "transaction_id": None,
        "reference": "",
        "identity": f"transaction:T{next(numbers)}",
    }
    return PaymentRow(**fields | changes)


def pay(order_id: str, cents: int, on: dt.date, *, booked: dt.date | None = None) -> None:
    """A payment comes in, on its value date unless `booked` says otherwise."""
    take_payments([a_payment_row(order_id, cents, on)], a_desk(booked or on), source="csv")


def a_case(
    status: str = "running",
    *,
    day: int | None = None,
    paid: int = 0,
    vendor: dict | None = None,
    **order: Any,
) -> int:
    """A case in a status, from its import to `day` days after its due date; returns its id.

    running: after the first letter; rejected is `failed` by the partner. `paid` cents come in on the day before the
    last; `vendor` changes settings. The first of its kind is played, the next are copied: `tests.lives`.
    """
    wish = f"{status} {day} {paid} {vendor} {order}"
    return live(wish, lambda: play_case(status, day, paid, vendor or {}, order))


def play_case(status: str, day: int | None, paid: int, vendor: dict[str, Any], order: dict[str, Any]) -> int:
    """The case, every day of it played."""
    settings, details, last = LIVES[status]
    vendor_id = order.get("vendor_id") or a_vendor(**settings | vendor)
    receivable_id = a_receivable(**details | order | {"vendor_id": vendor_id})
    last_day = read_receivable(receivable_id).due_date + dt.timedelta(day or last)
    if paid:
        play_until(last_day - dt.timedelta(1))
        pay(read_order(receivable_id).order_id, paid, last_day - dt.timedelta(1))
    play_until(last_day)
    case_id = find_case(receivable_id)
    finish_life(status, case_id, last_day)
    found = read_case(case_id).status
    assert found == ENDS.get(status, status), f"{found} instead of {status}"
    return case_id


# status -> settings of the vendor, details of the order, days to play
LIVES: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "awaiting_approval": ({"incasso_review": True}, {}, 10),
    "closed": ({"incasso_review": True}, {}, 10),
    "running": ({}, {}, 10),
    "cancelled": ({}, {}, 10),
    "blocked": ({}, {}, 10),
    "paid": ({}, {}, 10),
    "failed": ({}, {"house_number": ""}, 10),
    "ready_for_handover": ({"handover_threshold": 1_000_000_00}, {}, 36),
    "handed_over": ({}, {}, 36),
    "rejected": ({}, {"last_name": "REJECT-Muster"}, 36),
    "in_review": ({}, {"last_name": "SLOW-Muster"}, 36),
}
# what is not a status of its own
ENDS = {"rejected": "failed", "in_review": "running"}


def finish_life(status: str, case_id: int, day: dt.date) -> None:
    """What a person or a buyer does on the last day."""
    if status in ("closed", "cancelled"):
        cancel_case(case_id, an_actor(case_id), a_desk(day))
    elif status == "blocked":
        block_case(case_id, "unsure", an_actor(case_id, "support"), a_desk(day))
    elif status == "paid":
        pay(order_of(case_id).order_id, 100_00, day)


def play(*days: dt.date) -> None:
    """Plays days and carries out their effects, as `flask dunning run --inline` does."""
    for day in days:
        run_day(a_desk(day))
        empty_queue(day)


def play_until(last: dt.date) -> None:
    """Plays every day up to the last on which something is due, and the last. Days go forward only."""
    played = dt.date.min
    while (day := next_due_day()) is not None and played < max(day, read_last_day()) < last:
        played = max(day, read_last_day())
        play(played)
    play(last)


def read_last_day() -> dt.date:
    """The last day played."""
    last = db.session.scalar(select(func.max(RunDay.on_date)))
    db.session.rollback()
    return last or dt.date.min


def next_due_day() -> dt.date | None:
    """The earliest day the run has to look at a receivable."""
    day = db.session.scalar(select(func.min(Receivable.next_step_on)))
    db.session.rollback()
    return day


def empty_queue(on: dt.date | None = None, now: dt.datetime | None = None) -> None:
    """Carries out in this thread what is ready, until nothing is; `now` is the present unless said otherwise."""
    while effect_ids := list(effects.list_ready(now or read_now(), on_date=on)):
        db.session.rollback()
        for effect_id in effect_ids:
            carry_out(effect_id, now)
    db.session.rollback()


def find_effect(kind: str) -> Effect:
    """The newest effect of a kind, as it stands now."""
    db.session.rollback()
    query = select(Effect).where(Effect.kind == kind).order_by(Effect.id.desc()).limit(1)
    return db.session.scalars(query).one()


def find_receivable(order_id: str, rate_number: int = 1) -> int:
    """The receivable's id."""
    query = select(Receivable.id).join(Order).where(Order.order_id == order_id)
    return db.session.scalars(query.where(Receivable.rate_number == rate_number)).one()


def find_case(receivable_id: int) -> int:
    """The id of the receivable's case."""
    return db.session.scalars(select(Case.id).where(Case.receivable_id == receivable_id)).one()


def read_case(case_id: int) -> Case:
    """The case as it stands now."""
    db.session.rollback()
    return db.session.get_one(Case, case_id, populate_existing=True)


def read_receivable(receivable_id: int) -> Receivable:
    """The receivable as it stands now."""
    db.session.rollback()
    return db.session.get_one(Receivable, receivable_id, populate_existing=True)


def read_order(receivable_id: int) -> Order:
    """The order of a receivable."""
    return read_receivable(receivable_id).order


def order_of(case_id: int) -> Order:
    """The order of a case."""
    return read_order(read_case(case_id).receivable_id)


def read_case_dossier(case_id: int) -> Dossier:
    """Everything on the case's receivable."""
    return read_dossier(read_case(case_id).receivable_id)


def read_dossier(receivable_id: int) -> Dossier:
    """Everything on a receivable, with a case or without."""
    db.session.rollback()
    return read_dossiers(db.session(), [receivable_id])[0]


def read_history(case_id: int) -> list[History]:
    """The case's history, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(select(History).where(History.case_id == case_id).order_by(History.id)))


def states_of(receivable_id: int) -> dict[str, str]:
    """Step kind -> state, the latest of each."""
    return {step.kind: step.state for step in read_dossier(receivable_id).steps}


def ledger_of(receivable_id: int) -> list[tuple[str, int, dt.date]]:
    """(kind, cents, value date) of every entry, oldest first."""
    entries = read_dossier(receivable_id).entries
    return [(entry.kind, entry.cents, entry.value_date) for entry in entries]


def after(days: int, start: dt.date = DUE) -> dt.date:
    """So many days after the due date."""
    return start + dt.timedelta(days)
