"""Writes history: one row per change, in the change's transaction."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.actor import SYSTEM, Actor
from dunning.actions.facts import File
from dunning.records.cases import Case
from dunning.records.journal import History
from dunning.records.people import FormKey


def note_change(
    session: Session,
    case: Case,
    actor: Actor,
    verb: str,
    *,
    to: str | None,
    on: dt.date,
    now: dt.datetime,
    reason: str = "",
    **detail: object,
) -> None:
    """Changes the case's status (when `to` is given) and writes who did it and why."""
    before, case.status = case.status, to or case.status
    row = History(
        vendor_id=case.vendor_id,
        case_id=case.id,
        receivable_id=case.receivable_id,
        recorded_at=now,
        on_date=on,
        actor=actor.role,
        user_id=actor.user_id,
        verb=verb,
        from_status=before if to else None,
        to_status=to,
        reason=reason,
        detail=detail,
    )
    session.add(row)


def note_failure(session: Session, file: File, error: str, *, on: dt.date, now: dt.datetime) -> None:
    """What the rules choked on, for a person: once a day for a receivable, however often it is tried."""
    noted = select(History.id).where(
        History.receivable_id == file.receivable.id, History.verb == "run_failed", History.on_date == on
    )
    if session.scalar(noted.limit(1)):
        return
    row = History(
        vendor_id=file.receivable.vendor_id,
        case_id=file.case.id if file.case else None,
        receivable_id=file.receivable.id,
        recorded_at=now,
        on_date=on,
        actor=SYSTEM.role,
        verb="run_failed",
        reason=error[:500],
    )
    session.add(row)


def note_form(session: Session, actor: Actor, now: dt.datetime) -> None:
    """Keeps the form's one-time key; a second arrival breaks its unique key and is shown the first result."""
    if actor.form_key and actor.user_id:
        session.add(
            FormKey(key=actor.form_key, user_id=actor.user_id, location=actor.location, created_at=now)
        )
        session.flush()
