"""Writes history: one row per change, in the change's transaction."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.dossier.actor import SYSTEM, Actor
from dunning.actions.dossier.dossier import Dossier
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.journal import History
from dunning.records.people import FormKey
from dunning.rules.statuses import check_change


def change_status(
    session: Session,
    case: Case,
    actor: Actor,
    verb: str,
    target: str,
    desk: Desk,
    *,
    reason: str = "",
    **detail: object,
) -> None:
    """The only way a status changes: checked against the table, written with who and why. Raises Refused."""
    check_change(case.status, target, verb, actor.side)
    _write(session, case, actor, verb, desk, reason, detail, source=case.status, target=target)
    case.status = target
    # a hold stands beside `handed_over` and ends with it
    case.hold_until = None


def note_opening(session: Session, case: Case, desk: Desk, *, reason: str, points: list[str]) -> None:
    """A new case: from nothing to its first status."""
    check_change(None, case.status, "open", SYSTEM.side)
    detail: dict[str, object] = {"points": points} if points else {}
    _write(session, case, SYSTEM, "open", desk, reason, detail, target=case.status)


def note_event(
    session: Session, case: Case, actor: Actor, verb: str, desk: Desk, *, reason: str = "", **detail: object
) -> None:
    """What happened to a case without changing its status."""
    _write(session, case, actor, verb, desk, reason, detail)


def _write(
    session: Session,
    case: Case,
    actor: Actor,
    verb: str,
    desk: Desk,
    reason: str,
    detail: dict[str, object],
    *,
    source: str | None = None,
    target: str | None = None,
) -> None:
    row = History(
        vendor_id=case.vendor_id,
        case_id=case.id,
        receivable_id=case.receivable_id,
        recorded_at=desk.now,
        on_date=desk.today,
        actor=actor.role,
        user_id=actor.user_id,
        verb=verb,
        from_status=source,
        to_status=target,
        reason=reason,
        detail=detail,
    )
    session.add(row)


def note_receivable(
    session: Session,
    dossier: Dossier,
    actor: Actor,
    verb: str,
    desk: Desk,
    *,
    reason: str = "",
    **detail: object,
) -> None:
    """What happened to a receivable, with a case or without."""
    row = History(
        vendor_id=dossier.receivable.vendor_id,
        case_id=dossier.case.id if dossier.case else None,
        receivable_id=dossier.receivable.id,
        recorded_at=desk.now,
        on_date=desk.today,
        actor=actor.role,
        user_id=actor.user_id,
        verb=verb,
        reason=reason,
        detail=detail,
    )
    session.add(row)


def note_vendor(
    session: Session, vendor_id: int, actor: Actor, verb: str, desk: Desk, **detail: object
) -> None:
    """What was done for a vendor, or to its settings: no case is meant."""
    row = History(
        vendor_id=vendor_id,
        recorded_at=desk.now,
        on_date=desk.today,
        actor=actor.role,
        user_id=actor.user_id,
        verb=verb,
        reason="",
        detail=detail,
    )
    session.add(row)


def note_failure(session: Session, dossier: Dossier, error: str, *, on: dt.date, now: dt.datetime) -> None:
    """What the rules choked on, for a person: once a day for a receivable, however often it is tried."""
    noted = select(History.id).where(
        History.receivable_id == dossier.receivable.id, History.verb == "run_failed", History.on_date == on
    )
    if session.scalar(noted.limit(1)):
        return
    row = History(
        vendor_id=dossier.receivable.vendor_id,
        case_id=dossier.case.id if dossier.case else None,
        receivable_id=dossier.receivable.id,
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
