"""What the sandbox partner accepts: the documented fields with their limits, and nothing else."""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Text = Annotated[str, Field(min_length=1)]
ShortText = Annotated[str, Field(min_length=1, max_length=255)]
EventName = Literal[
    "mandate.created",
    "mandate.updated",
    "mandate.status_updated",
    "mandate.closed",
    "mandate.balance_updated",
    "mandate.message_created",
    "claim.created",
    "claim.updated",
    "payment.created",
    "payment.updated",
    "statement.created",
    "statement.updated",
    "request_to_client.created",
    "request_to_client.answered",
]


class Body(BaseModel):
    """An unknown field is an error, and so is a number where a text belongs."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Amount(Body):
    value: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{2}$")]
    currency: Literal["EUR"]

    @property
    def cents(self) -> int:
        return int(self.value.replace(".", ""))


class Metadata(Body):
    type: ShortText
    value: Text


class Event(Body):
    type: ShortText
    title: Text
    occurence: dt.datetime
    your_reference: ShortText | None = None
    description: str | None = None
    location: str | None = None


class Person(Body):
    salutation: str | None = None
    first_name: ShortText
    last_name: ShortText
    birth_date: dt.date | None = None


class Organization(Body):
    name: ShortText


class Address(Body):
    street: ShortText
    zip: Annotated[str, Field(min_length=1, max_length=20)]
    city: ShortText
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Channel(Body):
    type: Literal["email", "phone", "mobile_phone", "fax"]
    value: ShortText


class BankAccount(Body):
    iban: ShortText
    bic: ShortText | None = None


class DebtorBody(Body):
    """`POST /v1/debtors/`: a person (a one-person business, too) or an organization."""

    acting_as: Literal["consumer", "business"]
    person: Person | None = None
    organization: Organization | None = None
    addresses: Annotated[list[Address], Field(min_length=1)]
    communication_channels: list[Channel] = []
    bank_accounts: list[BankAccount] = []
    your_reference: ShortText | None = None
    metadata: list[Metadata] = []
    events: list[Event] = []

    @model_validator(mode="after")
    def check_kind(self) -> Self:
        if (self.person is None) == (self.organization is None):
            raise ValueError("give either person or organization")
        if self.organization and self.acting_as == "consumer":
            raise ValueError("an organization is no consumer")
        return self


class Item(Body):
    description: Text
    quantity: int
    unit: Text
    amount: Amount


class Charge(Body):
    type: Literal["reminder_fee"] | None = None
    your_reference: ShortText | None = None
    document_reference: ShortText | None = None
    subject_matter: Text
    occurence_date: dt.date
    document_date: dt.date | None = None
    due_date: dt.date | None = None
    amount: Amount
    metadata: list[Metadata] = []
    events: list[Event] = []


class Payment(Body):
    your_reference: ShortText | None = None
    amount: Amount
    value_date: dt.date
    metadata: list[Metadata] = []


class ClaimBody(Body):
    """`POST /v1/claims/`; total = principal + additional charges - payments."""

    debtor: Text
    your_reference: ShortText
    document_reference: ShortText | None = None
    subject_matter: Text
    occurence_date: dt.date
    document_date: dt.date | None = None
    due_date: dt.date
    reminder_date: dt.date | None = None
    delay_date: dt.date | None = None
    main_claim_amount: Amount
    total_claim_amount: Amount
    items: list[Item] = []
    additional_charges_amount: Amount | None = None
    additional_charges: list[Charge] = []
    payments: list[Payment] = []
    starting_approach: Literal["extrajudicial", "judicial"] = "extrajudicial"
    claim_disputed: bool = False
    obligation_fulfilled: bool | None = None
    metadata: list[Metadata] = []

    @model_validator(mode="after")
    def check_amounts(self) -> Self:
        charges = sum(charge.amount.cents for charge in self.additional_charges)
        paid = sum(payment.amount.cents for payment in self.payments)
        if self.additional_charges_amount and self.additional_charges_amount.cents != charges:
            raise ValueError("additional_charges_amount is not the sum of additional_charges")
        if self.total_claim_amount.cents != self.main_claim_amount.cents + charges - paid:
            raise ValueError("total_claim_amount is not principal plus charges minus payments")
        if not self.main_claim_amount.cents or not self.total_claim_amount.cents:
            raise ValueError("nothing is claimed")
        return self


class ReleaseBody(Body):
    """`PATCH /v1/claims/{id}/`: the one change there is."""

    submission_state: Literal["released"]
    send_order_confirmation: bool = False


class PaymentBody(Payment):
    """`POST /v1/payments/`: money that reached the client."""

    claim: Text

    @model_validator(mode="after")
    def check_amount(self) -> Self:
        if not self.amount.cents:
            raise ValueError("a payment of nothing")
        return self


class ArchiveBody(Body):
    """`PATCH /v1/mandates/{id}/`: all that a client may change."""

    archived: Literal[True]


class AnswerBody(Body):
    """The answer to a request to the client; what it must hold depends on the type of answer."""

    answer: dict[str, Any]


class WebhookBody(Body):
    """`POST /v1/webhooks/`: HTTPS, or plain HTTP to this very machine."""

    url: Annotated[str, Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])", max_length=255)]
    events: Annotated[list[EventName], Field(min_length=1)]
    description: str = ""


class RequestBody(Body):
    """A wish about a mandate. Not documented: the sandbox alone takes it as a call."""

    kind: Literal["hold", "cancel", "dispute", "reversal"]
    text: str
    until: dt.date | None = None
    your_reference: ShortText

    @model_validator(mode="after")
    def check_until(self) -> Self:
        if (self.kind == "hold") != (self.until is not None):
            raise ValueError("a hold, and nothing else, has a last day")
        return self


class PageQuery(BaseModel):
    """`limit` and `offset` of a list, and the filter of claims."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    offset: Annotated[int, Field(ge=0)] = 0
    your_reference: str | None = None


def list_problems(error: ValidationError) -> dict[str, list[str]]:
    """What is wrong, by field: `{"addresses.0.zip": ["Field required"]}`."""
    problems: dict[str, list[str]] = {}
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"]) or "non_field_errors"
        problems.setdefault(field, []).append(problem["msg"])
    return problems
