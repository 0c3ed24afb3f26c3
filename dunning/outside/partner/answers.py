"""What the collection partner answers, and how an exchange with it can fail.

Fields that are not listed are kept as they came: an unknown value is shown to a person, never lost.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

Entry = TypeVar("Entry", bound=BaseModel)


class PartnerRefused(Exception):
    """The partner understood and refused what was sent; `messages` are its words, one per field."""

    def __init__(self, status: int, messages: tuple[str, ...]) -> None:
        super().__init__(f"the partner refused with {status}: {'; '.join(messages)}")
        self.status = status
        self.messages = messages


class PartnerUnavailable(Exception):
    """No usable answer. `safe`: certainly nothing was taken, so sending again cannot double anything.

    `away`: nothing can be had of the partner now, whatever is asked; else it is about this one request.
    """

    def __init__(self, reason: str, *, safe: bool, away: bool = True) -> None:
        super().__init__(reason)
        self.safe = safe
        self.away = away


def take_id(value: object) -> object:
    """The id of something that is either an id or an object with one."""
    return value.get("id") if isinstance(value, dict) else value


Link = Annotated[str | None, BeforeValidator(take_id)]


class Answer(BaseModel):
    """Any object the partner sends; its id may be a number or a text."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True, frozen=True)

    id: str


class StatusUpdate(BaseModel):
    """A line of the partner's news about a claim or a mandate."""

    model_config = ConfigDict(extra="allow")

    title: str | None = None
    description: str | None = None


class ClaimAnswer(Answer):
    """A claim as the partner has it. `mandate` is the mandate's id once the claim was accepted."""

    submission_state: str
    debtor: Link = None
    mandate: Link = None
    your_reference: str | None = None
    created: AwareDatetime | None = None
    status_updates: list[StatusUpdate] = []

    @property
    def reasons(self) -> tuple[str, ...]:
        """The partner's words about this claim, oldest first: for a rejected one why."""
        words = (update.description or update.title for update in self.status_updates)
        return tuple(word for word in words if word)


class Money(BaseModel):
    """`{"value": "1202.50", "currency": "EUR"}`."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True, frozen=True)

    value: Decimal
    currency: str = "EUR"

    @property
    def cents(self) -> int:
        return int((self.value * 100).to_integral_value(ROUND_HALF_UP))


NOTHING = Money(value=Decimal(0))


class Balance(BaseModel):
    """What the debtor owes at the partner, its costs and interest included."""

    model_config = ConfigDict(extra="allow")

    balance_of_principal_claim: Money = NOTHING
    balance_of_interest_on_principal_claim: Money = NOTHING
    balance_of_costs_interest_bearing: Money = NOTHING
    balance_of_costs_interest_free: Money = NOTHING
    balance_of_interest_on_costs: Money = NOTHING
    total_balance: Money = NOTHING
    total_payment: Money = NOTHING

    @property
    def costs_cents(self) -> int:
        """All costs with the interest on them."""
        parts = (
            self.balance_of_costs_interest_bearing,
            self.balance_of_costs_interest_free,
            self.balance_of_interest_on_costs,
        )
        return sum(part.cents for part in parts)


class PaymentAnswer(Answer):
    """A payment on a claim as the partner knows it; one we reported carries our reference."""

    amount: Money
    value_date: dt.date
    your_reference: str | None = None


class MandateClaim(Answer):
    """A claim of a mandate with what was paid on it."""

    payments: list[PaymentAnswer] = []


class MandateAnswer(Answer):
    """An accepted claim as the partner works on it; `reference_number` is the partner's file number."""

    reference_number: str | None = None
    legal_stage: str | None = None
    processing_state: str | None = None
    payment_state: str | None = None
    legal_claim_balance: Balance | None = None
    claims: list[MandateClaim] = []
    status_updates: list[StatusUpdate] = []
    updated: AwareDatetime | None = None


class QuestionAnswer(Answer):
    """A request to the client about a mandate; what it may be answered with, and the answer it has."""

    title: str | None = None
    description: str | None = None
    allowed_answer_types: list[str] = []
    answered: bool = False


class WebhookAnswer(BaseModel):
    """A registered webhook; `secret_key` signs its deliveries and is told this once."""

    model_config = ConfigDict(extra="allow")

    secret_key: str


class Page(BaseModel, Generic[Entry]):
    """One page of a list; `count` is the length of the whole list."""

    count: int
    results: list[Entry]


def read_messages(body: object, path: str = "") -> tuple[str, ...]:
    """`{"addresses": [{"zip": ["required"]}]}` -> `addresses.0.zip: required`, however deep it nests."""
    if isinstance(body, dict):
        parts = [(str(name), value) for name, value in body.items()]
    elif isinstance(body, list) and any(isinstance(value, dict | list) for value in body):
        parts = [(str(index), value) for index, value in enumerate(body)]
    elif isinstance(body, list):
        return tuple(f"{path}: {word}" for word in body)
    else:
        return (f"{path}: {body}",)
    return tuple(m for name, value in parts for m in read_messages(value, f"{path}.{name}".lstrip(".")))
