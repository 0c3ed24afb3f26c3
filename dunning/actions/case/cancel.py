"""Cancel: the vendor or support ends the dunning before the handover; the order itself stays."""

from dunning.actions.course.stop_order import clear_block, drop_calls, has_letter
from dunning.actions.course.withdraw import withdraw_effects
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import change_status
from dunning.actions.dossier.refusals import InReview
from dunning.desk import Desk
from dunning.rules.statuses import cancel_target, check_change
from dunning.work import Actor, begin_work


def cancel_case(case_id: int, actor: Actor, desk: Desk, *, reason: str = "") -> None:
    """Raises Refused for a status that cannot be cancelled, InReview while a claim is at the partner, NotFound."""
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        target = cancel_target(case.status, has_letter(dossier))
        check_change(case.status, target, "cancel", actor.side)
        if case.claim_in_review:
            raise InReview(case_id)
        change_status(work, case, "cancel", target, reason=reason.strip())
        clear_block(case)
        case.ended_on = desk.today
        withdraw_effects(work, dossier, "cancelled")
        drop_calls(dossier, "cancelled")
        dossier.receivable.next_step_kind = dossier.receivable.next_step_on = None
