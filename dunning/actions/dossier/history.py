"""Writes history: one row per change, in the change's transaction, by whoever is at work."""

from sqlalchemy import select

from dunning.actions.dossier.dossier import Dossier
from dunning.records.cases import Case
from dunning.records.journal import History
from dunning.rules.statuses import check_change
from dunning.rules.terms import CaseStatus, ChangeVerb, Verb
from dunning.work import Work


def change_status(
    work: Work, case: Case, verb: ChangeVerb, target: CaseStatus, *, reason: str = "", **detail: object
) -> None:
    """The only way a status changes: checked against the table, written with who and why. Raises Refused."""
    check_change(case.status, target, verb, work.actor.side)
    moved = {"from_status": case.status, "to_status": target}
    _write(work, verb, **_name_case(case), **moved, reason=reason, detail=detail)
    case.status = target
    # a hold stands beside `handed_over` and ends with it
    case.hold_until = None


def note_opening(work: Work, case: Case, *, reason: str, points: list[str]) -> None:
    """A new case: from nothing to its first status, by the system."""
    work = work.by_system
    check_change(None, case.status, "open", work.actor.side)
    detail = {"points": points} if points else {}
    _write(work, "open", **_name_case(case), to_status=case.status, reason=reason, detail=detail)


def note_event(work: Work, case: Case, verb: Verb, *, reason: str = "", **detail: object) -> None:
    """What happened to a case without changing its status."""
    _write(work, verb, **_name_case(case), reason=reason, detail=detail)


def note_receivable(work: Work, dossier: Dossier, verb: Verb, *, reason: str = "", **detail: object) -> None:
    """What happened to a receivable, with a case or without."""
    _write(work, verb, **_name_receivable(dossier), reason=reason, detail=detail)


def note_vendor(work: Work, vendor_id: int, verb: Verb, **detail: object) -> None:
    """What was done for a vendor, or to its settings: no case is meant."""
    _write(work, verb, vendor_id=vendor_id, detail=detail)


def note_failure(work: Work, dossier: Dossier, error: str) -> None:
    """What the rules choked on, for a person: once a day for a receivable, however often it is tried."""
    noted = select(History.id).where(
        History.receivable_id == dossier.receivable.id,
        History.verb == "run_failed",
        History.on_date == work.today,
    )
    if work.session.scalar(noted.limit(1)) is None:
        _write(work.by_system, "run_failed", **_name_receivable(dossier), reason=error[:500])


def _name_case(case: Case) -> dict[str, object]:
    return {"vendor_id": case.vendor_id, "case_id": case.id, "receivable_id": case.receivable_id}


def _name_receivable(dossier: Dossier) -> dict[str, object]:
    receivable, case = dossier.receivable, dossier.case
    return {
        "vendor_id": receivable.vendor_id,
        "case_id": case.id if case else None,
        "receivable_id": receivable.id,
    }


def _write(work: Work, verb: Verb, **columns: object) -> None:
    row = History(
        recorded_at=work.now,
        on_date=work.today,
        actor=work.actor.role,
        user_id=work.actor.user_id,
        verb=verb,
        **columns,
    )
    work.session.add(row)
