"""The day's run: what came in, money, then everything that is due. O(what is due), never O(what is open).

The same code for the clock, for `flask dunning run` and for a replay of years; running a day again finds nothing. A
database that fails is no fault of the receivable it was asked for: it is asked again, and at last the day stops there.
"""

import datetime as dt
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from dunning.actions.course.advance import advance_receivable, postpone_receivable
from dunning.actions.course.allocate import allocate_payment, note_unallocated
from dunning.actions.dossier.refusals import DayPlayed
from dunning.actions.orders.take_events import apply_inbox
from dunning.actions.people.digest import put_digests
from dunning.actions.people.hold_notice import put_hold_notices
from dunning.actions.to_partner.hold_case import end_holds
from dunning.desk import Desk
from dunning.records.cases import Step
from dunning.records.database import DISTURBED, db, insist
from dunning.records.journal import History, RunDay
from dunning.records.orders import Payment, Receivable
from dunning.records.queries.run_days import find_last_day
from dunning.rules.statuses import FAILED, PAID
from dunning.rules.terms import CALLS, STEP_KINDS
from dunning.work import begin_work

log = structlog.get_logger()
BATCH = 500
COUNTED = ("opened", *STEP_KINDS, "paid", "failed")


def run_day(desk: Desk) -> None:
    """Plays one business day. An earlier day already played is left alone; one left out raises DayPlayed."""
    if not insist(partial(begin_day, desk)):
        return
    for part in PARTS:
        insist(partial(part, desk))


def apply_waiting(desk: Desk) -> None:
    """What came in, and what waited for another day or try."""
    apply_inbox(desk, again=True)


def end_day(desk: Desk) -> None:
    """Notes that everything was looked at."""
    with begin_work(desk) as work:
        work.session.get_one(RunDay, desk.today).finished_at = desk.now


def begin_day(desk: Desk) -> bool:
    """Notes that the day has begun; days go forward only. False for one that is over."""
    try:
        return note_day(desk)
    except IntegrityError:  # another clock noted the day in the same instant
        return note_day(desk)


def note_day(desk: Desk) -> bool:
    """One attempt at `begin_day`."""
    with begin_work(desk) as work:
        last = find_last_day(work.session, desk.horizon)
        played = work.session.get(RunDay, desk.today)
        if last and desk.today < last:
            if played is None:
                raise DayPlayed(f"{desk.today} is before {last}, the last day played")
            return False
        if played is None:
            work.session.add(RunDay(on_date=desk.today, started_at=desk.now))
    return True


def allocate_due(desk: Desk) -> None:
    """Payments whose value date has come, in its order; one that fails is set aside and stops nobody else."""
    due = (
        select(Payment.id)
        .where(
            Payment.allocated_on.is_(None), Payment.value_date <= desk.today, Payment.order_pk.is_not(None)
        )
        .order_by(Payment.value_date, Payment.id)
        .limit(BATCH)
    )
    set_aside: list[int] = []
    while payment_ids := db.session.scalars(due.where(Payment.id.not_in(set_aside))).all():
        for payment_id in payment_ids:
            try:
                allocate_payment(payment_id, desk)
            except DISTURBED:
                raise
            except Exception as error:  # the poison item is shown to a person, the others go on
                log.exception("payment set aside", payment_id=payment_id)
                set_aside.append(payment_id)
                note_unallocated(payment_id, desk, repr(error))


def advance_due(desk: Desk) -> None:
    """Every receivable with something to look at today; one that fails is set aside and stops nobody else."""
    last_id = 0
    due = (
        select(Receivable.id)
        .where(Receivable.next_step_on <= desk.today)
        .order_by(Receivable.id)
        .limit(BATCH)
    )
    while receivable_ids := db.session.scalars(due.where(Receivable.id > last_id)).all():
        for receivable_id in receivable_ids:
            last_id = receivable_id
            try:
                advance_receivable(receivable_id, desk)
            except DISTURBED:
                raise
            except Exception as error:  # the poison item is shown to a person, the others go on
                log.exception("receivable set aside", receivable_id=receivable_id)
                postpone_receivable(receivable_id, desk, repr(error))


# each finds nothing to do where it was done before
PARTS: tuple[Callable[[Desk], None], ...] = (
    apply_waiting,
    allocate_due,
    advance_due,
    end_holds,
    put_hold_notices,
    put_digests,
    end_day,
)


def count_day(on: dt.date) -> dict[str, int]:
    """What has happened on a business day so far, by the keys of the run's report.

    Calls count as tasks created; all other steps on the day they were done, handovers when accepted.
    """
    made = select(Step.kind, func.count()).where(Step.created_on == on, Step.kind.in_(CALLS))
    made = made.where(Step.state.in_(("planned", "done", "lapsed", "superseded")))
    done = select(Step.kind, func.count()).where(
        Step.done_on == on, Step.kind.not_in(CALLS), Step.state == "done"
    )
    changed = select(History.to_status, func.count()).where(
        History.on_date == on, History.to_status.in_((PAID, FAILED))
    )
    opened = select(func.count()).where(History.on_date == on, History.verb == "open")
    counts = dict.fromkeys(COUNTED, 0)
    for query in (made.group_by(Step.kind), done.group_by(Step.kind), changed.group_by(History.to_status)):
        counts.update((str(key), number) for key, number in db.session.execute(query))
    counts["opened"] = db.session.scalar(opened) or 0
    return counts
