"""A small shop with a case in every status, for tests that only look at pages."""

import datetime as dt
import re
from dataclasses import dataclass

from flask import Flask

from dunning.actions.case.block import block_case
from dunning.actions.case.cancel import cancel_case
from tests.builders import (
    DUE,
    a_desk,
    a_user,
    a_vendor,
    after,
    an_actor,
    an_order_row,
    find_case,
    find_receivable,
    import_rows,
    pay,
    play_until,
)
from tests.conftest import Browser

END = after(36)
BLOCKED_UNTIL = dt.date(2099, 5, 4)
REVIEW, AUTOMATIC, LIMITED, FOREIGN = 79424, 79425, 79426, 79427
VENDORS = {REVIEW: "Kurs GmbH", AUTOMATIC: "Foto & Film KG", LIMITED: "Garten UG", FOREIGN: "Nachbar AG"}


@dataclass
class World:
    """`cases`: ids by the names of LIVES; the first nine are named for their status."""

    app: Flask
    cases: dict[str, int]
    users: dict[int, int]
    support: int

    def browser(self, user_id: int) -> Browser:
        """A browser somebody is logged in with."""
        browser = self.app.test_client()
        browser.login_as(user_id)
        return browser

    def vendor(self, vendor_id: int = REVIEW) -> Browser:
        return self.browser(self.users[vendor_id])

    def staff(self) -> Browser:
        return self.browser(self.support)

    def show(self, name: str, *, staff: bool = False) -> str:
        """The source of a case's page, for its vendor or for staff."""
        case_id = self.cases[name]
        if staff:
            answer = self.staff().get(f"/admin/cases/{case_id}")
        else:
            answer = self.vendor(LIVES[name][0]).get(f"/cases/{case_id}")
        assert answer.status_code == 200
        return answer.text


# name -> vendor, days to play until END, details of the order
PLAN = {"order_id": "PLAN1", "rates": 3, "payment_plan": "breakdown_payment"}
LIVES: dict[str, tuple[int, int, dict]] = {
    "awaiting_approval": (REVIEW, 10, {}),
    "closed": (REVIEW, 10, {}),
    "running": (AUTOMATIC, 10, {}),
    "cancelled": (AUTOMATIC, 10, {}),
    "paid": (AUTOMATIC, 10, {}),
    "failed": (AUTOMATIC, 10, {"house_number": "", "city": ""}),
    "handed_over": (AUTOMATIC, 36, {}),
    "ready_for_handover": (LIMITED, 36, {}),
    "blocked": (REVIEW, 12, {"last_name": "Grzegorzewska", "email": "agnieszka@example.org"}),
    "rejected": (AUTOMATIC, 36, {"last_name": "REJECT-Beispiel"}),
    "partly_paid": (LIMITED, 36, {"amount_cents": 300_00}),
    "business": (LIMITED, 36, {"company": "Muster Handels GmbH"}),
    "no_mail": (AUTOMATIC, 12, {"email": ""}),
    "hostile": (
        REVIEW,
        11,
        {"last_name": "<script>alert(1)</script>", "product_name": "<b hx-get='/x'>=1+1"},
    ),
    "rate_1": (REVIEW, 20, PLAN),
    "rate_2": (REVIEW, 11, PLAN | {"rate_number": 2}),
    "rate_3": (REVIEW, -19, PLAN | {"rate_number": 3}),
}


def build_world(app: Flask) -> World:
    """Imports all orders, plays all days up to END, lets people do the rest."""
    settings = {REVIEW: {"incasso_review": True}, LIMITED: {"handover_threshold": 1_000_000_00}}
    for vendor_id, name in VENDORS.items():
        a_vendor(vendor_id, name, **settings.get(vendor_id, {}))
    rows = {
        name: an_order_row(
            vendor_id, **{"order_id": name.upper(), "order_date": END - dt.timedelta(days)} | details
        )
        for name, (vendor_id, days, details) in LIVES.items()
    }
    import_rows(*sorted(rows.values(), key=lambda row: row.order_date), on=DUE)
    play_until(after(30))
    pay("PARTLY_PAID", 30_00, after(30))
    play_until(END)
    cases = {
        name: find_case(find_receivable(row.order_id, row.rate_number))
        for name, row in rows.items()
        if name != "rate_3"
    }
    finish_lives(cases)
    users = {
        vendor_id: a_user(vendor_id=vendor_id, name=f"Person of {name}")
        for vendor_id, name in VENDORS.items()
    }
    return World(app, cases, users, a_user("support", name="Jule Muster"))


def finish_lives(cases: dict[str, int]) -> None:
    """What people do on the last day."""
    for name in ("closed", "cancelled"):
        cancel_case(cases[name], an_actor(cases[name]), a_desk(END))
    pay("PAID", 100_00, END)
    support = an_actor(cases["blocked"], "support")
    block_case(cases["blocked"], "unsure", support, a_desk(END), until=BLOCKED_UNTIL, note="sounded confused")


def text_of(source: str) -> str:
    """What a reader sees of a page or of a part of it, in one line."""
    bare = re.sub(r"<[^>]+>", " ", source.partition("<main")[2] or source).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(bare.split())


def part_of(source: str, heading: str) -> str:
    """The section whose heading has this id."""
    return re.search(rf'<section[^>]*aria-labelledby="{heading}".*?</section>', source, re.DOTALL)[0]
