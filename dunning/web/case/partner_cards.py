"""What a case's page shows and offers of the claim at the collection partner."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import Dossier
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.queries.partner.mandate import find_fresh, find_mandate, find_submission
from dunning.rules.statuses import HANDED_OVER, RUNNING
from dunning.web.case.cancellation_card import CancellationCard, offer_cancellation
from dunning.web.case.hold_card import HoldCard, offer_hold
from dunning.web.case.question_card import QuestionCard, read_questions
from dunning.web.words.partner_lines import PartnerBlock, build_block, choose_pace


@dataclass(frozen=True)
class PartnerCards:
    """The cards of one page."""

    # None for a case that was never on its way there
    block: PartnerBlock | None
    # None where the status knows no hold
    hold: HoldCard | None
    # None where nothing is, or was, at the partner
    cancellation: CancellationCard | None
    questions: QuestionCard


def read_partner_cards(
    session: Session, dossier: Dossier, case: Case, desk: Desk, *, staff: bool
) -> PartnerCards:
    """As the reader may see it."""
    return PartnerCards(
        block=read_block(session, case, desk, staff=staff),
        hold=offer_hold(case, desk),
        cancellation=offer_cancellation(session, case, desk, vip=dossier.vendor.vip),
        questions=read_questions(session, case, desk, staff=staff),
    )


def read_block(session: Session, case: Case, desk: Desk, *, staff: bool) -> PartnerBlock | None:
    """What stands at the partner; while the claim is on its way the page looks again by itself."""
    moving = [case.receivable_id] if case.status in (RUNNING, HANDED_OVER) else []
    since = find_fresh(session, moving, desk.now).get(case.receivable_id)
    mandate = find_mandate(session, case) if case.claim_id else None
    review = find_submission(session, case.receivable_id) if staff and case.claim_in_review else ""
    return build_block(case, mandate, choose_pace(since, desk.now), staff=staff, review=review)
