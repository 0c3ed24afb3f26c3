"""The record of a mandate: made by whoever hears of it first, the answer to the handover or the partner's news."""

from sqlalchemy import select

from dunning.records.cases import Case
from dunning.records.partner import Mandate
from dunning.rules.partner.news import FIRST_VALUES
from dunning.work import Work


def open_mandate(work: Work, case: Case, mandate_id: str, claim_ids: tuple[str, ...]) -> Mandate:
    """The mandate's record. One that names the case's claim becomes the case's own. The receivable must be locked."""
    known = work.session.scalar(select(Mandate).where(Mandate.mandate_id == mandate_id))
    if known:
        return known
    if case.mandate_id is None and case.claim_id in claim_ids:
        case.mandate_id = mandate_id
    present = case.claim_id if case.claim_id in claim_ids else None
    mandate = Mandate(
        vendor_id=case.vendor_id,
        case=case,
        mandate_id=mandate_id,
        claim_id=present or next(iter(claim_ids), ""),
        accepted_on=case.handed_over_on or work.today,
        **dict.fromkeys(FIRST_VALUES, ""),
        answer={},
    )
    work.session.add(mandate)
    work.session.flush()
    return mandate
