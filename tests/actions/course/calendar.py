"""A story of one order, told day by day through the real run, verbs and effects, on a real database.

`story.day(5).expect("payment_reminder")` plays every day since the last one told, carries its effects out and compares
what the database says happened. A day that is not told, and a deed that is not compared, must bring nothing: what
nobody expected fails. Days are counted from the due date of the first receivable; money is cents.

Words: a step by its kind when it was done (a call: when its task was made); `… planned`, `… lapsed`,
`… skipped: reason`, `… superseded: reason` otherwise. A case by `opened` (with its status unless running) and by its
new status, `failed` and `blocked` with the reason; `unblocked`, `reopened` and `undone` say the way back. Of a plan,
each word names its rate: `2: first_letter`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import current_app
from sqlalchemy import func, select, true

from dunning.actions.case.block import block_case, unblock_case
from dunning.actions.case.buyer_says import record_dispute, record_promise, resolve_dispute
from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.case.reopen import reopen_case
from dunning.actions.case.start import start_case
from dunning.actions.case.undo import undo_case
from dunning.actions.dossier.dossier import read_settings
from dunning.actions.money.reverse_payment import reverse_payment
from dunning.actions.orders.take_events import apply_inbox
from dunning.actions.people.change_settings import change_settings
from dunning.actions.run_day import run_day
from dunning.outside.platform.order_csv import OrderRow
from dunning.records import db, transaction
from dunning.records.cases import Case, Step
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.records.orders import Order, Payment, Receivable
from dunning.records.people import IncassoSettings, Vendor
from dunning.rules.letters.mails import HANDOVER_DIGEST
from dunning.rules.terms import CALLS, LETTERS, REMINDERS
from dunning.work import Actor
from tests.builders import (
    DUE,
    NOW,
    a_desk,
    a_payment_row,
    a_user,
    a_vendor,
    an_actor,
    an_order_row,
    empty_queue,
    find_case,
    find_receivable,
    import_rows,
    read_case,
    take_payments,
)
from tests.events import an_ipn, put_event, write_ipn

CENTS = 100_00
DIGEST = "digest"
A_MOMENT = dt.timedelta(minutes=1)
HALF_A_MINUTE = dt.timedelta(seconds=30)
ADDRESS = ("street", "house_number", "details", "zipcode", "city", "country")
WAYS_BACK = {
    "unblock": "unblocked",
    "reopen": "reopened",
    "undo_start": "undone",
    "reverse_payment": "reopened",
}
ONE_DAY = dt.timedelta(days=1)


class Told:
    """What happened, to be compared with what was expected."""

    def __init__(self, when: str, words: list[str]) -> None:
        self.when, self.words, self.compared = when, words, False

    def expect(self, *words: str) -> None:
        self.compared = True
        assert sorted(self.words) == sorted(words), f"{self.when}: {self.words}, expected {list(words)}"


class Story:
    """Plays days and does deeds; `rows` are those of one order, one for each rate."""

    def __init__(self, rows: list[OrderRow], imported: int | None = None) -> None:
        self.rows = {row.rate_number: row for row in rows}
        self.order_id = rows[0].order_id
        self.due = rows[0].due_date or rows[0].order_date
        self.number = self.number_of(rows[0].order_date) - 1 if imported is None else imported
        self.told = Told("the beginning", [])
        self.seen: dict[tuple[type, int], str] = {}
        self.mails = self.digests = 0
        know_portal(rows[0].vendor_id)
        import_rows(*rows, on=self.today if imported is not None else self.today + ONE_DAY)
        self.look()

    # days ---------------------------------------------------------------------------------------------

    @property
    def today(self) -> dt.date:
        return self.date(self.number)

    def date(self, number: int) -> dt.date:
        return self.due + dt.timedelta(days=number)

    def number_of(self, day: dt.date) -> int:
        return (day - self.due).days

    def day(self, number: int) -> Told:
        """Plays through that day; the days before it must be quiet."""
        assert number > self.number, f"day {number} is over"
        while self.number < number:
            self.close_told()
            self.number += 1
            run_day(self.desk())
            self.told = Told(f"day {self.number}", self.listen())
        return self.told

    def on(self, day: str) -> Told:
        """The same, by the calendar."""
        return self.day(self.number_of(dt.date.fromisoformat(day)))

    def quiet_until(self, number: int) -> None:
        self.day(number).expect()

    def outage_until(self, number: int) -> None:
        """No run on the days before this one; the next day told is the first to run again."""
        assert number > self.number
        self.close_told()
        self.number = number - 1

    def close_told(self) -> None:
        """What was told and not compared must have been nothing."""
        if not self.told.compared:
            self.told.expect()

    def desk(self, **changes: Any) -> Any:
        return a_desk(self.today, **changes)

    # what happened --------------------------------------------------------------------------------------

    def listen(self) -> list[str]:
        """Carries out what is ready and puts into words what changed; each word of a mail has its mail."""
        empty_queue(now=self.desk().now + A_MOMENT)
        words = [*self.look(), *self.look_for_digests()]
        mailed = [word for word in words if word.split(": ")[-1] in (*REMINDERS, *LETTERS, DIGEST)]
        self.mails += len(mailed)
        assert count_mails() == self.mails, f"{count_mails()} mails, {self.mails} expected after {mailed}"
        return words

    def look(self) -> list[str]:
        """Words for every step and change of status that is not as it was seen last."""
        db.session.rollback()
        found = {(type(row), row.id): self.word(row, rate) for row, rate in self.read()}
        words = [word for key, word in found.items() if word and self.seen.get(key) != word]
        self.seen = found
        return words

    def look_for_digests(self) -> list[str]:
        """A word for each daily mail to the vendor that has gone out since."""
        sent = db.session.scalars(select(Effect.id).where(Effect.kind == HANDOVER_DIGEST)).all()
        db.session.rollback()
        new, self.digests = len(sent) - self.digests, len(sent)
        return [DIGEST] * new

    def read(self) -> list[tuple[Step | History, int]]:
        """Steps and history of the order, each with its rate."""
        told = History.to_status.is_not(None) | (History.verb == "run_failed")
        rows: list[tuple[Step | History, int]] = []
        for kind, only in ((History, told), (Step, true())):
            query = select(kind, Receivable.rate_number).join(Receivable, Receivable.id == kind.receivable_id)
            query = query.join(Order).where(Order.order_id == self.order_id, only).order_by(kind.id)
            rows += [(row, rate) for row, rate in db.session.execute(query)]
        return rows

    def word(self, row: Step | History, rate: int) -> str:
        word = word_step(row) if isinstance(row, Step) else word_change(row)
        return f"{rate}: {word}" if word and len(self.rows) > 1 else word

    def case(self, rate: int = 1) -> Case:
        return read_case(find_case(self.receivable_id(rate)))

    def status(self, rate: int = 1) -> str:
        found = db.session.scalar(select(Case.status).where(Case.receivable_id == self.receivable_id(rate)))
        db.session.rollback()
        return found or "none"

    def receivable_id(self, rate: int = 1) -> int:
        return find_receivable(self.order_id, rate)

    def step(self, kind: str, rate: int = 1) -> Step:
        """The latest of its kind."""
        query = select(Step).where(Step.receivable_id == self.receivable_id(rate), Step.kind == kind)
        return db.session.scalars(query.order_by(Step.round.desc()).limit(1)).one()

    # deeds, after the day's run -------------------------------------------------------------------------

    def do(self, name: str, deed: Callable[[], object]) -> Told:
        """A verb and what it brings about within the next minute."""
        self.close_told()
        deed()
        self.told = Told(f"{name} on day {self.number}", self.listen())
        return self.told

    def actor(self, role: str, rate: int = 1, **changes: Any) -> Actor:
        return an_actor(self.case(rate).id, role, **changes)

    def start(self, role: str = "vendor", rate: int = 1, request: str = "") -> Told:
        actor = self.actor(role, rate)
        return self.do("start", lambda: start_case(self.case(rate).id, actor, self.desk(), request=request))

    def start_and_undo(self) -> Told:
        """A click whose letter waits half a minute, taken back before it is over."""

        def deed() -> None:
            start_case(self.case().id, self.actor("vendor"), self.desk(delay=HALF_A_MINUTE))
            undo_case(self.case().id, self.actor("vendor"), self.desk())

        return self.do("start and undo", deed)

    def cancel(self, role: str = "vendor", rate: int = 1) -> Told:
        return self.do("cancel", lambda: cancel_case(self.case(rate).id, self.actor(role, rate), self.desk()))

    def undo(self) -> Told:
        return self.do("undo", lambda: undo_case(self.case().id, self.actor("vendor"), self.desk()))

    def reopen(self, reason: str = "cancelled by mistake") -> Told:
        actor = self.actor("support")
        return self.do("reopen", lambda: reopen_case(self.case().id, reason, actor, self.desk()))

    def reverse(self, reason: str = "another buyer's money") -> Told:
        """The newest payment was booked in error."""
        newest = select(func.max(Payment.id)).join(Order).where(Order.order_id == self.order_id)
        payment_id = db.session.scalars(newest).one()
        actor = Actor("support", a_user("support"))
        return self.do("reversal", lambda: reverse_payment(payment_id, reason, actor, self.desk()))

    def block(self, reason: str = "unsure", until: int | None = None) -> Told:
        end = None if until is None else self.date(until)
        actor = self.actor("support")
        return self.do("block", lambda: block_case(self.case().id, reason, actor, self.desk(), until=end))

    def unblock(self) -> Told:
        return self.do("unblock", lambda: unblock_case(self.case().id, self.actor("support"), self.desk()))

    def promise(self, until: int, cents: int = CENTS) -> Told:
        said = (self.receivable_id(), self.date(until), cents)
        return self.do("promise", lambda: record_promise(*said, Actor("support"), self.desk()))

    def dispute(self) -> Told:
        said = (self.receivable_id(), "never received")
        return self.do("dispute", lambda: record_dispute(*said, Actor("support"), self.desk()))

    def resolve(self) -> Told:
        said = (self.receivable_id(), "it was delivered")
        return self.do("resolve", lambda: resolve_dispute(*said, Actor("support"), self.desk()))

    def pay(self, cents: int = CENTS, on: int | None = None, rate: int | None = None) -> Told:
        """Money comes in today, with today's value date or another."""
        row = a_payment_row(
            self.order_id, cents, self.date(self.number if on is None else on), rate_number=rate
        )
        return self.do("payment", lambda: take_payments([row], self.desk(), source="csv"))

    def report(self, rate: int = 1, **changes: Any) -> Told:
        """The order comes in again with something changed, as `payment_status="refunded"`."""
        self.rows[rate] = replace(self.rows[rate], **changes)
        return self.do("import", lambda: import_rows(self.rows[rate], on=self.today))

    def notify(self, event_type: str, cents: int = CENTS, rate: int = 1, **changes: Any) -> Told:
        """The platform sends an event of today, a transaction of its own, and the worker applies it."""
        row = self.rows[rate]
        told = {
            "transaction_id": f"{event_type} on day {self.number}",
            "transaction_date": self.today.isoformat(),
            "transaction_processed_at": self.desk().now.isoformat(),
            "transaction_amount": f"{cents / 100:.2f}",
            "order_id": self.order_id,
            "order_date": row.order_date.isoformat(),
            "product_id": row.product_id,
            "payment_method": row.payment_method,
            "payment_plan": row.payment_plan,
            "rate_number": rate,
            "total_number_of_payments": row.rates,
        }
        body = write_ipn(an_ipn(event_type, **told | changes))

        def deed() -> None:
            put_event(row.vendor_id, body, self.desk().now)
            apply_inbox(self.desk())

        return self.do(event_type, deed)

    def correct(self, **changes: str) -> Told:
        """The buyer's address, corrected by the vendor."""
        given = {name: getattr(self.rows[1], name) for name in ADDRESS} | changes
        actor = self.actor("vendor")
        return self.do(
            "address", lambda: correct_address(self.case().id, Address(**given), actor, self.desk())
        )

    def choose(self, **changes: Any) -> Told:
        """The vendor's settings change; an operator's override of the 30 days where it needs one."""
        vendor_id = self.rows[1].vendor_id
        wanted = replace(read_settings(db.session.get_one(IncassoSettings, vendor_id)), **changes)
        actor = Actor("system")
        return self.do(
            "settings", lambda: change_settings(vendor_id, wanted, actor, self.desk(), override=True)
        )


def word_change(row: History) -> str:
    """A change of status; an accepted claim is told by its step."""
    if row.verb == "run_failed":
        return f"run_failed: {row.reason}"
    if row.verb == "open":
        points = ", ".join(row.detail.get("points", []))
        status = "" if row.to_status == "running" else f" {row.to_status}"
        return f"opened{status}" + (f": {points}" if points else "")
    if row.verb in ("accept_claim", "start"):
        return ""
    if row.verb == "fail":
        return f"failed: {', '.join(row.detail.get('points', [])) or 'rejected'}"
    word = WAYS_BACK.get(row.verb, str(row.to_status))
    return f"{word}: {row.reason}" if word == "blocked" else word


def word_step(step: Step) -> str:
    """A step as it stands; a call is told when its task is made."""
    if step.state == "done" or (step.state == "planned" and step.kind in CALLS):
        return step.kind
    reason = f": {step.reason}" if step.reason and step.state != "lapsed" else ""
    return f"{step.kind} {step.state}{reason}"


def count_mails() -> int:
    return len(list((current_app.config["SETTINGS"].home / "mail").glob("*.eml")))


def a_story(
    vendor: dict[str, Any] | None = None,
    *,
    imported: int | None = None,
    **changes: Any,
) -> Story:
    """A one-off invoice over 100 € of an automatic vendor. `imported`: after that day's run, not on the order date."""
    row = an_order_row(a_vendor(**vendor or {}), **changes)
    return Story([row], imported)


def know_portal(vendor_id: int) -> None:
    """The vendor's one invitation to the partner's portal went out long ago: no story has to tell of it."""
    with transaction() as session:
        session.get_one(Vendor, vendor_id).portal_invited_at = NOW


def a_plan(rates: int, vendor: dict[str, Any] | None = None, *, every: int = 30, **changes: Any) -> Story:
    """An instalment plan ordered 20 days before its first rate is due, the rates so many days apart."""
    plan = {"payment_plan": "breakdown_payment", "rates": rates, "order_date": DUE - dt.timedelta(days=20)}
    first = an_order_row(a_vendor(**vendor or {}), **plan | changes)
    rows = [
        replace(first, rate_number=n, due_date=DUE + dt.timedelta(days=every * (n - 1)))
        for n in range(1, rates + 1)
    ]
    return Story(rows)


def tell_first_letter(story: Story) -> Story:
    """An automatic case up to its first letter."""
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect("opened", "service_call lapsed", "first_letter")
    return story


def tell_letters(story: Story) -> Story:
    """The same up to the call after its second letter; the handover is due on day 33."""
    tell_first_letter(story)
    story.day(11).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    return story
