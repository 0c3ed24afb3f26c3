"""An order that is cancelled: its open cases end by the table, future instalments get no steps, the ledger stays."""

from sqlalchemy import select

from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import change_status
from dunning.actions.to_partner.cancellation import drop_request, request_by_system
from dunning.records.cases import Case
from dunning.records.orders import Receivable
from dunning.rules.statuses import HANDED_OVER, TERMINAL, cancel_target
from dunning.rules.terms import CALLS, LETTERS
from dunning.work import Work


def cancel_order(work: Work, dossier: Dossier, *, reason: str) -> None:
    """Cancels the order of this receivable and ends all its open cases not yet at the partner."""
    dossier.order.cancelled_on = work.today
    siblings = select(Receivable.id).where(
        Receivable.order_pk == dossier.order.id, Receivable.id != dossier.receivable.id
    )
    end_case(work, dossier, reason=reason)
    for receivable_id in work.session.scalars(siblings.order_by(Receivable.id)).all():
        end_case(work, open_dossier(work.session, receivable_id), reason=reason)


def end_case(work: Work, dossier: Dossier, *, reason: str) -> None:
    """Ends the case by the system: `closed` before any letter, `cancelled` after; nothing more is planned.

    One that is at the partner ends when the partner confirms it: the partner is asked.
    """
    case = dossier.case
    dossier.receivable.next_step_kind = dossier.receivable.next_step_on = None
    drop_calls(dossier, reason)
    if case is None or case.status in TERMINAL:
        return
    if case.status == HANDED_OVER:
        request_by_system(work, case, reason)
        return
    drop_request(work, case, reason)
    target = cancel_target(case.status, has_letter(dossier))
    change_status(work.by_system, case, "cancel", target, reason=reason)
    clear_block(case)
    case.ended_on = work.today


def has_letter(dossier: Dossier) -> bool:
    """Whether a letter of this case went out, or may have."""
    return any(step.kind in LETTERS and step.state in ("done", "in_doubt") for step in dossier.steps)


def drop_calls(dossier: Dossier, reason: str) -> None:
    """Calls nobody has made yet need not be made any more."""
    for step in dossier.steps:
        if step.kind in CALLS and step.state == "planned":
            step.state, step.reason = "superseded", reason


def clear_block(case: Case) -> None:
    """A case that leaves `blocked` forgets where it came from."""
    case.blocked_from = case.blocked_reason = case.blocked_until = None
