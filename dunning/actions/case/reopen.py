"""Reopen: a case that ended here goes back to the status it came from. One that was at the partner stays over."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.case.block import restore_block
from dunning.actions.course.advance import schedule_from_start
from dunning.actions.course.allocate import follow_up
from dunning.actions.dossier.dossier import Dossier, open_case_dossier, open_dossier
from dunning.actions.dossier.history import change_status
from dunning.actions.dossier.refusals import ReasonMissing
from dunning.desk import Desk
from dunning.records.cases import Case, Step
from dunning.records.journal import History
from dunning.records.orders import Receivable
from dunning.rules.statuses import BLOCKED, CANCELLED, CLOSED, TERMINAL, VENDOR, Refused
from dunning.rules.terms import HANDOVER, CaseStatus, ChangeVerb
from dunning.work import Actor, Work, begin_work

# why the end of the last step cancels the order
BY_SCHEME = "scheme"


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
        if read_end(work.session, case).reason == BY_SCHEME:
            restore_order(work, dossier)
        put_back(work, dossier, "reopen", reason=reason.strip())


def restore_order(work: Work, dossier: Dossier) -> None:
    """The order that a case of scheme 1 cancelled with its end stands again: later instalments go on.

    Other cases it ended stay over until they are reopened themselves.
    """
    dossier.order.cancelled_on = None
    siblings = select(Receivable.id).where(
        Receivable.order_pk == dossier.order.id, Receivable.id != dossier.receivable.id
    )
    for receivable_id in work.session.scalars(siblings.order_by(Receivable.id)).all():
        other = open_dossier(work.session, receivable_id)
        if other.case is None or other.case.status not in TERMINAL:
            schedule_from_start(work, other)


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


def read_end(session: Session, case: Case) -> History:
    """The change that led to the present status."""
    changes = select(History).where(History.case_id == case.id, History.to_status.is_not(None))
    return session.scalars(changes.order_by(History.id.desc()).limit(1)).one()


def find_former(session: Session, case: Case) -> CaseStatus:
    """The status the case was in before its present one."""
    former = read_end(session, case).from_status
    assert former  # noqa: S101 - a case that was moved has been somewhere
    return former
