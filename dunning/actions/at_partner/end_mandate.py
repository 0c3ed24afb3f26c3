"""The partner ended its mandate: the case is over. Reported by the partner, never decided here."""

from sqlalchemy.orm import Session

from dunning.actions.course.stop_order import cancel_order, drop_calls
from dunning.actions.dossier.actor import SYSTEM
from dunning.actions.dossier.dossier import File, open_case_file
from dunning.actions.dossier.history import change_status
from dunning.actions.to_partner.cancellation import drop_request
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.database import transaction
from dunning.rules.gates import COLLECTION
from dunning.rules.statuses import CANCELLED, CLOSED


def end_mandate(case_id: int, desk: Desk, *, terminated: bool, reason: str) -> None:
    """`terminated`: on our request or on the partner's side, then `cancelled`; else without success, then `closed`.

    Without success scheme 2 also cancels the order, which ends its other open cases. Raises Refused, NotFound.
    """
    with transaction() as session:
        file, case = open_case_file(session, case_id, None)
        end_file(session, file, case, desk, terminated=terminated, reason=reason)


def end_file(session: Session, file: File, case: Case, desk: Desk, *, terminated: bool, reason: str) -> None:
    """The same within a verb's transaction."""
    target = CANCELLED if terminated else CLOSED
    change_status(session, case, SYSTEM, "end_mandate", target, desk, reason=reason)
    case.ended_on = desk.today
    drop_request(session, case, desk, "mandate_ended")
    drop_calls(file, "mandate_ended")
    file.receivable.next_step_kind = file.receivable.next_step_on = None
    if not terminated and case.scheme == COLLECTION:
        cancel_order(session, file, desk, reason="scheme")
