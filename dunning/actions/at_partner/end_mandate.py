"""The partner ended its mandate: the case is over. Reported by the partner, never decided here."""

from dunning.actions.course.stop_order import cancel_order, drop_calls
from dunning.actions.dossier.dossier import Dossier, open_case_dossier
from dunning.actions.dossier.history import change_status
from dunning.actions.to_partner.cancellation import drop_request
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.rules.gates import COLLECTION
from dunning.rules.statuses import CANCELLED, CLOSED
from dunning.rules.terms import CaseStatus
from dunning.work import Work, begin_work


def end_mandate(case_id: int, desk: Desk, *, terminated: bool, reason: str) -> None:
    """`terminated`: on our request or on the partner's side, then `cancelled`; else without success, then `closed`.

    Without success scheme 2 also cancels the order, which ends its other open cases. Raises Refused, NotFound.
    """
    with begin_work(desk) as work:
        dossier, case = open_case_dossier(work.session, case_id, None)
        end_dossier(work, dossier, case, terminated=terminated, reason=reason)


def end_dossier(work: Work, dossier: Dossier, case: Case, *, terminated: bool, reason: str) -> None:
    """What follows from the end of the mandate; the caller has the dossier open."""
    target: CaseStatus = CANCELLED if terminated else CLOSED
    change_status(work.by_system, case, "end_mandate", target, reason=reason)
    case.ended_on = work.today
    drop_request(work, case, "mandate_ended")
    drop_calls(dossier, "mandate_ended")
    dossier.receivable.next_step_kind = dossier.receivable.next_step_on = None
    if not terminated and case.scheme == COLLECTION:
        cancel_order(work, dossier, reason="scheme")
