"""What a message to the partner changes here: where it goes, that it waits for an answer, that it has one."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from dunning import effects
from dunning.desk import Desk
from dunning.errand import ReceivableErrand
from dunning.records.cases import Case
from dunning.records.orders import Order, Receivable
from dunning.records.partner import Hold, Mandate
from dunning.rules.partner.messages import ACKNOWLEDGED_BY, HoldMessage, Message, thaw_message
from dunning.work import begin_work

# a claim under review is asked after by its handover; what waits for it looks as often
NEXT_LOOK = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Place:
    """The claim at the partner that a message is about. `file_number` is the partner's, as far as it is known."""

    claim_id: str
    mandate_id: str
    file_number: str
    order_id: str


def find_place(message: ReceivableErrand, desk: Desk) -> Place | None:
    """Where the message goes now. None when it waits for the review, or must not go any more: then it is superseded."""
    told = thaw_message(message.kind, message.payload)
    with begin_work(desk) as work:
        case = work.session.get_one(Case, told.case_id, populate_existing=True)
        if message.mandate_id is None and case.claim_in_review:
            effects.wait_for_partner(work, message, NEXT_LOOK, "the claim is being reviewed", {})
            return None
        mandate_id, claim_id = message.mandate_id or case.mandate_id, message.claim_id or case.claim_id
        if mandate_id is None or claim_id is None:
            effects.supersede(work.session, message, desk.now, "no_mandate")
            return None
        mandate = work.session.scalar(select(Mandate).where(Mandate.mandate_id == mandate_id))
        if reason := _find_obstacle(told, case, mandate):
            effects.supersede(work.session, message, desk.now, reason)
            return None
        number = (mandate.reference_number if mandate else "") or mandate_id
        order_id = select(Order.order_id).join(Receivable).where(Receivable.id == message.receivable_id)
        return Place(claim_id, mandate_id, number, work.session.scalars(order_id).one())


def _find_obstacle(told: Message, case: Case, mandate: Mandate | None) -> str | None:
    """Why nobody needs to hear it any more."""
    expected = ACKNOWLEDGED_BY.get(told.kind)
    if mandate and mandate.ended_on and mandate.processing_state != expected:
        return "mandate_ended"
    if isinstance(told, HoldMessage) and case.hold_until != told.until:
        return "hold_over"
    return None


def note_asked(
    message: ReceivableErrand, desk: Desk, wait: dt.timedelta, asked: dt.datetime, receipt: str
) -> None:
    """It went out at an instant, and the partner has not acknowledged it yet."""
    with begin_work(desk) as work:
        proof = {"asked": asked.isoformat(), "receipt": receipt}
        effects.wait_for_partner(work, message, wait, "not acknowledged yet", proof)


def finish_message(message: ReceivableErrand, desk: Desk, evidence: dict[str, Any]) -> None:
    """The partner has it; of a hold also the hold knows."""
    told = thaw_message(message.kind, message.payload)
    with begin_work(desk) as work:
        if isinstance(told, HoldMessage):
            held = (Hold.case_id == told.case_id, Hold.until == told.until, Hold.acknowledged_at.is_(None))
            work.session.execute(update(Hold).where(*held).values(acknowledged_at=desk.now))
        effects.finish(work.session, message, desk.now, evidence)
