"""Carries what the partner is told beside handovers: payments by the API, requests by a call or by mail.

A payment is reported once: after a lost answer the partner is asked before it is reported again. A request is made at
least once, under the same reference, and again every day until the mandate shows that it was understood.
"""

import datetime as dt
from contextlib import suppress
from typing import Any

from dunning import effects
from dunning.actions.to_partner.messages import Place, find_place, finish_message, note_asked
from dunning.desk import Desk
from dunning.errand import ReceivableErrand
from dunning.jobs.carry.mail import mail_request
from dunning.jobs.ways.channels import Channels
from dunning.jobs.ways.line import check_line, watch_line
from dunning.outside.mail.text import render_request
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.outside.partner.port import Partner
from dunning.rules.letters.mails import PartnerRequest
from dunning.rules.partner.messages import (
    ACKNOWLEDGED_BY,
    PAYMENT,
    REQUEST_NAMES,
    AnswerMessage,
    CancelMessage,
    DisputeMessage,
    HoldMessage,
    Message,
    MoneyMessage,
    thaw_message,
)
from dunning.rules.partner.wish import Wish

# asked for and not acknowledged: how soon the mandate is looked at again, and when it is asked for again
LOOK_AGAIN, ASK_AGAIN = dt.timedelta(hours=1), dt.timedelta(days=1)


def carry_message(message: ReceivableErrand, channels: Channels, desk: Desk) -> None:
    """One of the message kinds, but answers. A partner that is away is tried again for as long as it takes."""
    check_line(channels.partner, desk.now)
    place = find_place(message, desk)
    if place is None:
        return
    try:
        with watch_line(desk.now):
            _tell(message, channels, place, desk)
    except PartnerUnavailable as error:
        effects.postpone(message, desk.now, str(error), effects.back_off(message))
    except PartnerRefused as error:
        effects.give_up(message, desk.now, str(error))


def _tell(message: ReceivableErrand, channels: Channels, place: Place, desk: Desk) -> None:
    told = thaw_message(message.kind, message.payload)
    if isinstance(told, MoneyMessage) and told.what == PAYMENT:
        _report_payment(message, told, channels.partner, place, desk)
    else:
        _make_request(message, channels, place, desk)


def _report_payment(
    message: ReceivableErrand, told: MoneyMessage, client: Partner, place: Place, desk: Desk
) -> None:
    """Whoever finds that an attempt had begun asks whether it arrived."""
    found = _find_reported(message, client, place) if message.evidence.get("begun") else None
    if found is None:
        effects.save_evidence(message, {**message.evidence, "begun": True}, "partner", desk.now)
        found = client.report_payment(place.claim_id, told.cents, told.value_date, message.reference)
    finish_message(message, desk, {"receipt": found})


def _find_reported(message: ReceivableErrand, client: Partner, place: Place) -> str | None:
    """The partner's id of the payment that carries our reference."""
    claims = client.get_mandate(place.mandate_id).claims
    paid = (payment for claim in claims for payment in claim.payments)
    return next((payment.id for payment in paid if payment.your_reference == message.reference), None)


def _make_request(message: ReceivableErrand, channels: Channels, place: Place, desk: Desk) -> None:
    """Asked for before it may have been understood meanwhile; it is not asked for twice on a day."""
    if "asked" not in message.evidence:
        _ask(message, channels, place, desk)
        return
    asked = dt.datetime.fromisoformat(message.evidence["asked"])
    if _is_acknowledged(message, channels.partner, place):
        finish_message(message, desk, {"acknowledged": True})
    elif desk.now - asked < ASK_AGAIN:
        note_asked(message, desk, LOOK_AGAIN, asked, message.evidence["receipt"])
    else:
        _ask(message, channels, place, desk)


def _ask(message: ReceivableErrand, channels: Channels, place: Place, desk: Desk) -> None:
    """By the partner's own call where there is one, else by mail. Some need no word but that they arrived."""
    request = write_request(message, place, desk)
    if not channels.partner.offers_requests:
        mail_request(message, request, channels, desk, lambda line: _note_sent(message, desk, line))
        return
    wish = Wish(
        mandate_id=place.mandate_id,
        kind=REQUEST_NAMES[message.kind],
        text=render_request(request),
        reference=message.reference,
        until=request.until,
        cents=request.cents,
        value_date=request.value_date,
    )
    receipt = channels.partner.send_request(wish)
    acknowledged = False
    with suppress(PartnerUnavailable):  # it has the request; the next look will tell
        acknowledged = _is_acknowledged(message, channels.partner, place)
    if acknowledged:
        finish_message(message, desk, {"receipt": receipt, "acknowledged": True})
    else:
        _note_sent(message, desk, receipt)


def _note_sent(message: ReceivableErrand, desk: Desk, receipt: str) -> None:
    if message.kind in ACKNOWLEDGED_BY:
        note_asked(message, desk, LOOK_AGAIN, desk.now, receipt)
    else:
        finish_message(message, desk, {"receipt": receipt})


def _is_acknowledged(message: ReceivableErrand, client: Partner, place: Place) -> bool:
    expected = ACKNOWLEDGED_BY.get(message.kind)
    return expected is not None and client.get_mandate(place.mandate_id).processing_state == expected


def write_request(message: ReceivableErrand, place: Place, desk: Desk) -> PartnerRequest:
    """The request in the words of a mail; the partner reads German."""
    return PartnerRequest(
        language="de",
        partner_name=desk.policy.partner.name,
        file_number=place.file_number,
        order_id=place.order_id,
        **word_message(thaw_message(message.kind, message.payload)),
    )


def word_message(told: Message) -> dict[str, Any]:
    """What the request is about and what it says of it."""
    match told:
        case HoldMessage():
            return {"what": "hold", "until": told.until, "reason": told.text}
        case CancelMessage():
            return {"what": "cancel", "reason": told.reason}
        case DisputeMessage():
            return {"what": told.what, "reason": told.text}
        case MoneyMessage():
            return {"what": told.what, "cents": told.cents, "value_date": told.value_date}
        case AnswerMessage():
            raise ValueError("an answer goes with its question")
