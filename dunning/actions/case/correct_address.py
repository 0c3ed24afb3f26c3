"""Corrects the address of an order's buyer; what waited for it goes on."""

from dataclasses import asdict, dataclass

from dunning.actions.course.advance import advance_dossier
from dunning.actions.dossier.dossier import open_case_dossier, touch_order
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.refusals import InReview
from dunning.desk import Desk
from dunning.rules.statuses import BEFORE_HANDOVER, Refused
from dunning.work import Actor, begin_work


@dataclass(frozen=True)
class Address:
    """As typed, without surrounding blanks; `country` is an ISO code of two letters."""

    street: str
    house_number: str
    details: str
    zipcode: str
    city: str
    country: str


def correct_address(case_id: int, address: Address, actor: Actor, desk: Desk) -> None:
    """Raises Refused once the claim is at the partner or the case has ended, InReview, NotFound."""
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        if case.status not in BEFORE_HANDOVER:
            raise Refused(case.status, "correct_address", actor.side)
        if case.claim_in_review:
            raise InReview(case_id)
        before = {name: getattr(dossier.buyer, name) for name in asdict(address)}
        for name, value in asdict(address).items():
            setattr(dossier.buyer, name, value)
        dossier.buyer.corrected_at, dossier.buyer.proposal = desk.now, None
        changed = [name for name, value in before.items() if value != getattr(dossier.buyer, name)]
        if changed:
            dossier.buyer.undeliverable_on = None
        note_event(work, case, "correct_address", before=before, changed=changed)
        touch_order(work.session, dossier)
        advance_dossier(work, dossier)
