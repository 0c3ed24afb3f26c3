"""What the partner is told, frozen into an effect's payload and read again; what makes no sense is refused."""

import datetime as dt
from typing import Any

import pytest

from dunning.rules.partner.messages import (
    PARTNER_HOLD,
    PARTNER_PAYMENT,
    AnswerMessage,
    CancelMessage,
    DisputeMessage,
    HoldMessage,
    Message,
    MoneyMessage,
    freeze_message,
    name_question,
    thaw_message,
)
from dunning.rules.terms import MESSAGE_KINDS

DAY = dt.date(2026, 3, 1)
HELD = HoldMessage(case_id=1, until=DAY, text="on holiday")
PAID = MoneyMessage(case_id=1, what="payment", cents=10_00, value_date=DAY)
ANSWER = AnswerMessage(case_id=1, question_id=3, answer_type="yes-no")
MESSAGES: tuple[Message, ...] = (
    HELD,
    CancelMessage(case_id=1, request_id=2, reason="order_cancelled"),
    PAID,
    DisputeMessage(case_id=1, what="resolved", text=""),
    ANSWER,
)
MONEY = {"case_id": 1, "what": "payment", "cents": 10_00, "value_date": "2026-03-01"}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_frozen_message_is_the_same_message_again(message: Message) -> None:
    assert thaw_message(message.kind, freeze_message(message)) == message


def test_every_kind_has_a_message() -> None:
    assert {message.kind for message in MESSAGES} == set(MESSAGE_KINDS)


# as revision 0005 leaves them: the same words, without what has become a column
@pytest.mark.parametrize(
    ("kind", "written", "message"),
    [
        (PARTNER_HOLD, {"case_id": 1, "until": "2026-03-01", "text": "on holiday"}, HELD),
        (PARTNER_PAYMENT, MONEY, PAID),
    ],
)
def test_what_the_version_before_wrote_is_read(kind: str, written: dict[str, Any], message: Message) -> None:
    assert thaw_message(kind, written) == message
    assert freeze_message(message) == written


@pytest.mark.parametrize(
    ("kind", "frozen"),
    [
        (PARTNER_PAYMENT, MONEY | {"cents": 0}),
        (PARTNER_PAYMENT, MONEY | {"what": "taken_back"}),
        (PARTNER_PAYMENT, MONEY | {"what": "a gift"}),
        (PARTNER_PAYMENT, {"case_id": 1}),
        (PARTNER_HOLD, {"case_id": 1, "until": "for ever"}),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, frozen: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        thaw_message(kind, frozen)


def test_an_answer_names_its_question() -> None:
    assert name_question(freeze_message(ANSWER)) == 3
