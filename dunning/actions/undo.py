"""Undo: of Start until its first effect is claimed, of Cancel until midnight (local)."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.actor import Actor
from dunning.actions.advance import schedule_anew
from dunning.actions.desk import Desk
from dunning.actions.facts import File, open_case_file
from dunning.actions.journal import note_change, note_form
from dunning.actions.withdraw import withdraw_effects
from dunning.records.cases import Case
from dunning.records.database import transaction
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.rules.statuses import CANCELLED, CLOSED, RUNNING, Refused, check_change

START, CANCEL = "start", "cancel"


def find_undo(session: Session, case: Case, today: dt.date) -> History | None:
    """The change that can be undone now: its `verb` is start or cancel. None when there is none."""
    last = session.scalar(
        select(History)
        .where(History.case_id == case.id, History.to_status.is_not(None))
        .order_by(History.id.desc())
        .limit(1)
    )
    if last is None or last.actor != "vendor" or last.to_status != case.status:
        return None
    if last.verb == CANCEL and case.status in (CANCELLED, CLOSED) and last.on_date == today:
        return last if case.handed_over_on is None else None
    if last.verb == START and case.status == RUNNING and not _claimed_since(session, case, last.recorded_at):
        return last
    return None


def _claimed_since(session: Session, case: Case, instant: dt.datetime) -> bool:
    begun = select(Effect.id).where(
        Effect.receivable_id == case.receivable_id, Effect.created_at >= instant, Effect.attempt > 0
    )
    return session.scalar(begun.limit(1)) is not None


def undo_case(case_id: int, actor: Actor, desk: Desk) -> None:
    """Takes the vendor's last Start or Cancel back. Raises Refused when it is too late, NotFound."""
    with transaction() as session:
        file, case = open_case_file(session, case_id, actor.vendor_id)
        undone = find_undo(session, case, desk.today)
        if undone is None or undone.from_status is None:
            raise Refused(case.status, "undo", actor.side)
        note_form(session, actor, desk.now)
        if undone.verb == START:
            _undo_start(session, file, case, undone, actor, desk)
        else:
            _undo_cancel(session, case, undone, actor, desk)
        schedule_anew(file, desk)


def _undo_start(session: Session, file: File, case: Case, undone: History, actor: Actor, desk: Desk) -> None:
    target = str(undone.from_status)
    check_change(case.status, target, "undo_start", actor.side)
    withdraw_effects(session, file, desk, "undone")
    before = undone.detail["before"]
    note_change(session, case, actor, "undo_start", to=target, on=desk.today, now=desk.now)
    case.scheme, case.handover_consent = before["scheme"], before["consent"]
    case.failure_reasons = before["reasons"]
    case.started_on = case.consent_at = case.consent_by = None


def _undo_cancel(session: Session, case: Case, undone: History, actor: Actor, desk: Desk) -> None:
    target = str(undone.from_status)
    check_change(case.status, target, "reopen", actor.side)
    note_change(session, case, actor, "reopen", to=target, on=desk.today, now=desk.now)
    block = undone.detail["block"]
    case.blocked_from, case.blocked_reason = block["from"], block["reason"]
    case.blocked_until = dt.date.fromisoformat(block["until"]) if block["until"] else None
    case.ended_on = None
