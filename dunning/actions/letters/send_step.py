"""What sending a step changes here: checked again before it leaves, noted when it is out.

`prepare_…` reads the facts again in its own transaction and returns what to send with the version it was read at, or
None when it must not go out any more; then effect and step are superseded in the same transaction.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from dunning import effects
from dunning.actions.course.advance import schedule_after_today
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.desk import Desk
from dunning.errand import StepErrand
from dunning.records.cases import Letter
from dunning.rules.course.agenda import MISSED, judge_reminder
from dunning.rules.letters.letter import language_for
from dunning.rules.letters.mails import MailContent, ReminderContent, UpcomingReminder
from dunning.rules.money.claim import sum_entries
from dunning.rules.money.reference import creditor_reference
from dunning.rules.terms import UPCOMING_REMINDER, StepState
from dunning.work import Work, begin_work

# instalments by these methods are collected by themselves: whoever transferred as well would pay twice
COLLECTED = ("sepa", "credit_card", "paypal")


@dataclass(frozen=True)
class Prepared:
    """A mail ready to be built: its content, whom to, and the receivable's version it was read at."""

    content: MailContent
    recipient: str
    version: int


def prepare_reminder(errand: StepErrand, desk: Desk) -> Prepared | None:
    """Today's numbers for a reminder."""
    with begin_work(desk) as work:
        dossier = open_dossier(work.session, errand.receivable_id)
        due = dossier.step(errand.step_id).due_on
        if hindrance := judge_reminder(errand.kind, due, dossier.read_facts(), desk.policy, desk.today):
            state: StepState = "skipped" if hindrance == MISSED else "superseded"
            supersede_step(work, dossier, errand, hindrance, state)
            return None
        content = compose_reminder(dossier, errand.kind, desk)
        return Prepared(content, dossier.buyer.email, dossier.receivable.version)


def compose_reminder(dossier: Dossier, kind: str, desk: Desk) -> MailContent:
    """The words' numbers: open principal, due date, how to pay."""
    facts, order = dossier.read_facts(), dossier.order
    balance = sum_entries(facts.entries, desk.today)
    common: dict[str, Any] = {
        "language": language_for(dossier.buyer.country),
        "buyer_name": facts.buyer.name,
        "order_id": order.order_id,
        "order_date": order.order_date,
        "product_name": order.product_name,
        "vendor_name": dossier.vendor.name,
        "due_date": facts.due_date,
        "open_cents": balance.open_principal,
        "rf_reference": creditor_reference(dossier.receivable.reference),
        "rate_number": facts.rate_number,
        "rates": facts.order.rates,
    }
    if kind == UPCOMING_REMINDER:
        return UpcomingReminder(**common, debited=order.payment_method in COLLECTED)
    return ReminderContent(**common, payments_known_until=payments_known_until(desk), paid_cents=balance.paid)


def payments_known_until(desk: Desk) -> dt.datetime:
    """Local time up to which payments are known: a run's day knows those of the day before."""
    if desk.pinned:
        return dt.datetime.combine(desk.today - dt.timedelta(days=1), dt.time(23, 59))
    return desk.local_now.replace(tzinfo=None, second=0, microsecond=0)


def finish_step(errand: StepErrand, desk: Desk, evidence: dict[str, Any]) -> None:
    """The reminder is out: step and effect are done together."""
    with begin_work(desk) as work:
        dossier = open_dossier(work.session, errand.receivable_id)
        mark_done(dossier, errand, desk)
        effects.finish(work.session, errand, desk.now, evidence)
        schedule_after_today(work, dossier)


def mark_done(dossier: Dossier, errand: StepErrand, desk: Desk) -> None:
    """The step happened, on the effect's business day."""
    step = dossier.step(errand.step_id)
    step.state, step.done_on, step.reason = "done", desk.today, ""


def doubt_step(errand: StepErrand, desk: Desk, error: str) -> None:
    """It may have gone out: parked for a person, later steps wait."""
    with begin_work(desk) as work:
        dossier = open_dossier(work.session, errand.receivable_id)
        dossier.step(errand.step_id).state = "in_doubt"
        effects.doubt(work.session, errand, error)
        schedule_after_today(work, dossier)


def refuse_address(errand: StepErrand, desk: Desk, error: str) -> None:
    """The mail server will never take this address: a reminder is skipped, a letter goes by post only."""
    with begin_work(desk) as work:
        dossier = open_dossier(work.session, errand.receivable_id)
        dossier.buyer.email_refused_at = desk.now
        letter = work.session.scalar(select(Letter).where(Letter.effect_id == errand.id))
        if letter is None:
            step = dossier.step(errand.step_id)
            step.state, step.reason = "skipped", "no_email"
        effects.finish(work.session, errand, desk.now, {"refused": error, "post_only": letter is not None})
        schedule_after_today(work, dossier)


def supersede_step(
    work: Work, dossier: Dossier, errand: StepErrand, reason: str, state: StepState = "superseded"
) -> None:
    """The facts, or the days, changed before it left: neither effect nor step happens."""
    step = dossier.step(errand.step_id)
    if step.state == "planned":
        step.state, step.reason = state, reason
    effects.supersede(work.session, errand, work.now, reason)
    schedule_after_today(work, dossier)
