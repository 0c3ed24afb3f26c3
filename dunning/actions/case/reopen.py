"""Reopen: a case that ended here goes back to the status it came from. One that was at the partner stays over."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.case.block import restore_block
from dunning.actions.course.allocate import follow_up
from dunning.actions.dossier.dossier import Dossier, open_case_dossier
from dunning.actions.dossier.history import change_status
from dunning.actions.dossier.refusals import ReasonMissing
from dunning.desk import Desk
from dunning.records.cases import Case, Step
from dunning.records.journal import History
from dunning.rules.statuses import BLOCKED, CANCELLED, CLOSED, VENDOR, Refused
from dunning.rules.terms import HANDOVER, CaseStatus, ChangeVerb
from dunning.work import Actor, Work, begin_work


def reopen_case(case_id: int, reason: str, actor: Actor, desk: Desk) -> None:
    """Support takes an end back, on any day. A vendor has `undo_case` for it, on the day of the Cancel.

    Raises Refused (also for a case that was handed over), ReasonMissing, NotFound.
    """
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        over = case.status in (CANCELLED, CLOSED) and not was_handed_over(work.session, case)
        if not over or actor.side == VENDOR:
            raise Refused(case.status, "reopen", actor.side)
        if not reason.strip():
            raise ReasonMissing("reason")
        put_back(work, dossier, "reopen", reason=reason.strip())


def was_handed_over(session: Session, case: Case) -> bool:
    """Whether the partner ever accepted its claim, also too late: when the case had ended meanwhile."""
    accepted = select(Step.id).where(
        Step.receivable_id == case.receivable_id, Step.kind == HANDOVER, Step.state == "done"
    )
    return case.handed_over_on is not None or session.scalar(accepted.limit(1)) is not None


def put_back(
    work: Work, dossier: Dossier, verb: ChangeVerb, *, reason: str = "", target: CaseStatus | None = None
) -> None:
    """The case has the status before its present one again, with the block it had; or the verb's better `target`.

    Money that came in meanwhile is allocated: what it covers is paid at once. Raises Refused.
    """
    case = dossier.known_case
    target = target or find_former(work.session, case)
    if target == BLOCKED:
        restore_block(work.session, dossier)
    change_status(work, case, verb, target, reason=reason)
    case.ended_on = None
    follow_up(work, dossier)


def find_former(session: Session, case: Case) -> CaseStatus:
    """The status the case was in before its present one."""
    newest = (
        select(History.from_status)
        .where(History.case_id == case.id, History.to_status.is_not(None))
        .order_by(History.id.desc())
        .limit(1)
    )
    former = session.scalars(newest).one()
    assert former  # noqa: S101 - a case that was moved has been somewhere
    return former
