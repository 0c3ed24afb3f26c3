"""What the partner is told about a claim it has: money that reached us, and requests that the API has no call for."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from pydantic import TypeAdapter

from dunning.rules.partner.wish import WishKind
from dunning.rules.terms import EffectKind, MessageKind, Subject

PARTNER_HOLD: Final = "partner_hold"
PARTNER_CANCEL: Final = "partner_cancel"
PARTNER_PAYMENT: Final = "partner_payment"
PARTNER_DISPUTE: Final = "partner_dispute"
PARTNER_ANSWER: Final = "partner_answer"

# the `processing_state` by which the partner says that it has understood
ACKNOWLEDGED_BY: dict[EffectKind, str] = {PARTNER_HOLD: "paused", PARTNER_CANCEL: "canceled_by_client"}
# what a request is called where the partner takes it by a call
REQUEST_NAMES: dict[EffectKind, WishKind] = {
    PARTNER_HOLD: "hold",
    PARTNER_CANCEL: "cancel",
    PARTNER_DISPUTE: "dispute",
    PARTNER_PAYMENT: "reversal",
}

# how money is told: reported by the documented call, or as a request, which has no call
MoneyNews = Literal["payment", "taken_back", "credit", "amended", "return_fee"]
PAYMENT: MoneyNews = "payment"
TAKEN_BACK: MoneyNews = "taken_back"
CREDIT: MoneyNews = "credit"
AMENDED: MoneyNews = "amended"
RETURN_FEE: MoneyNews = "return_fee"


@dataclass(frozen=True, kw_only=True)
class HoldMessage:
    """Let the claim rest up to and with the local day `until`; `text` in the asker's words."""

    kind: ClassVar[MessageKind] = PARTNER_HOLD
    case_id: int
    until: dt.date
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class CancelMessage:
    """End the mandate. The reason is coded, or in the asker's words."""

    kind: ClassVar[MessageKind] = PARTNER_CANCEL
    case_id: int
    request_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class MoneyMessage:
    """Money that moved here, as the partner counts: positive cents lower the claim."""

    kind: ClassVar[MessageKind] = PARTNER_PAYMENT
    case_id: int
    what: MoneyNews
    cents: int
    value_date: dt.date

    def __post_init__(self) -> None:
        if self.what in (PAYMENT, TAKEN_BACK) and (self.what == PAYMENT) != (self.cents > 0):
            raise ValueError(f"{self.cents} cents are no {self.what}")


DisputeNews = Literal["dispute", "resolved"]


@dataclass(frozen=True, kw_only=True)
class DisputeMessage:
    """The buyer disputes the claim, or does no longer; `text` in support's words."""

    kind: ClassVar[MessageKind] = PARTNER_DISPUTE
    case_id: int
    what: DisputeNews
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerMessage:
    """The answer to a question of the partner's, which is kept with the question."""

    kind: ClassVar[MessageKind] = PARTNER_ANSWER
    case_id: int
    question_id: int
    answer_type: str


Message = HoldMessage | CancelMessage | MoneyMessage | DisputeMessage | AnswerMessage
_CLASSES: tuple[type[Message], ...] = (
    HoldMessage,
    CancelMessage,
    MoneyMessage,
    DisputeMessage,
    AnswerMessage,
)
_messages: dict[EffectKind, TypeAdapter[Any]] = {kind.kind: TypeAdapter(kind) for kind in _CLASSES}


def name_question(frozen: dict[str, Any]) -> int:
    """The question that a frozen answer is to."""
    answer: AnswerMessage = _messages[PARTNER_ANSWER].validate_python(frozen)
    return answer.question_id


def freeze_message(message: Message) -> dict[str, Any]:
    """The message as plain JSON values, for an effect's payload."""
    frozen: dict[str, Any] = _messages[message.kind].dump_python(message, mode="json")
    return frozen


def thaw_message(kind: EffectKind, frozen: dict[str, Any]) -> Message:
    """The message of this MessageKind that `freeze_message` froze; ValueError when it is none."""
    message: Message = _messages[kind].validate_python(frozen)
    return message


def name_money(subject: Subject, cents: int) -> MoneyNews | None:
    """What a ledger entry is to the partner: PAYMENT, TAKEN_BACK, CREDIT (a refund), AMENDED (the order's amount was
    corrected: the principal itself changed), RETURN_FEE (what the bank charged for a return) or nothing.

    `subject` is the kind whose sum it changes, `cents` as in the ledger: negative lowers the claim. Our own fees and
    interest are in the claim as handed over; what comes to them later the partner computes itself.
    """
    if subject == "refund":
        return CREDIT
    if subject == "principal":
        return AMENDED
    if subject == RETURN_FEE:
        return RETURN_FEE
    if subject in ("payment", "chargeback", "payout"):
        return PAYMENT if cents < 0 else TAKEN_BACK
    return None
