"""The tables of policy.toml as frozen dataclasses that check themselves when loaded.

Money in cents, distances in calendar days unless the name says working days. A limit that comes from
law (2.50 €, 40 €, 5 and 9 points) can be lowered by an operator, never raised.
"""

from datetime import time
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt, model_validator
from pydantic.dataclasses import dataclass
from stdnum import bic, iban

DEMO_NAME = "Mahnlauf Demo GmbH"
DEMO_IBAN = "DE02120300000000202051"
DEMO_PARTNER = "Muster Inkasso GmbH"

table_config = ConfigDict(extra="forbid")
Cents = Annotated[StrictInt, Field(ge=0)]
Days = Annotated[StrictInt, Field(ge=0, le=366)]
OneDayOrMore = Annotated[StrictInt, Field(ge=1, le=366)]
Words = Annotated[str, Field(min_length=1, max_length=200)]
MaybeWords = Annotated[str, Field(max_length=200)]
WebAddress = Annotated[str, Field(pattern=r"^https://[^\s/]+(/\S*)?$", max_length=200)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Treatment = Literal["dunning", "collection", "reminder", "never"]
PaymentTrouble = Literal["unpaid", "failed", "charged_back"]


@dataclass(frozen=True, config=table_config)
class UpcomingRule:
    """A step before the due date: `after_days` is negative, in days from the anchor."""

    after_days: Annotated[StrictInt, Field(ge=-366, lt=0)]


@dataclass(frozen=True, config=table_config)
class StageRule:
    """A step `after_days` days after the anchor (the due date)."""

    after_days: Days


@dataclass(frozen=True, config=table_config)
class LetterRule:
    """A letter: days after the anchor, after the letter before it, and from its date to its deadline."""

    after_days: Days
    gap_days: Days
    deadline_days: OneDayOrMore


@dataclass(frozen=True, config=table_config)
class CallRule:
    """A call `gap_days` days after its letter."""

    gap_days: OneDayOrMore


@dataclass(frozen=True, config=table_config)
class HandoverRule:
    """Handover on the n-th working day after the second letter's deadline."""

    working_days: Annotated[StrictInt, Field(ge=1, le=30)]


@dataclass(frozen=True, config=table_config)
class Steps:
    """The dated steps of a receivable; their distances may change, their order may not."""

    catch_up_days: Days
    upcoming_reminder: UpcomingRule
    service_call: StageRule
    payment_reminder: StageRule
    first_letter: LetterRule
    first_call: CallRule
    second_letter: LetterRule
    second_call: CallRule
    handover: HandoverRule

    @model_validator(mode="after")
    def check_order(self) -> "Steps":
        if self.service_call.after_days > self.payment_reminder.after_days:
            raise ValueError("service_call.after_days must not be greater than payment_reminder.after_days")
        if self.payment_reminder.after_days >= self.first_letter.after_days:
            raise ValueError("payment_reminder.after_days must be less than first_letter.after_days")
        if self.second_letter.after_days <= self.first_letter.after_days:
            raise ValueError("second_letter.after_days must be greater than first_letter.after_days")
        if self.second_letter.gap_days < 1:
            raise ValueError("second_letter.gap_days must be at least 1")
        return self


@dataclass(frozen=True, config=table_config)
class WorkingHours:
    """Local time of day from which the clock acts."""

    start: time


@dataclass(frozen=True, config=table_config)
class Clicks:
    """Seconds that mail and letters caused by a click wait."""

    delay_seconds: Annotated[StrictInt, Field(ge=0, le=3600)]


@dataclass(frozen=True, config=table_config)
class Letters:
    """Working days after which a letter neither accepted nor posted is made anew."""

    remake_working_days: OneDayOrMore


@dataclass(frozen=True, config=table_config)
class Fees:
    """Dunning fees in cents; a consumer's letter never costs more than 2.50 € (BGH VIII ZR 95/18)."""

    consumer_letter: Cents
    consumer_cap: Annotated[StrictInt, Field(ge=0, le=250)]
    business_lump_sum: Annotated[StrictInt, Field(ge=0, le=4000)]

    @model_validator(mode="after")
    def check_cap(self) -> "Fees":
        if self.consumer_letter > self.consumer_cap:
            raise ValueError("consumer_letter must not be greater than consumer_cap")
        return self


@dataclass(frozen=True, config=table_config)
class Interest:
    """Percentage points above the base rate, at most those of § 288 BGB, and the day count."""

    consumer_points: Annotated[StrictInt, Field(ge=0, le=5)]
    business_points: Annotated[StrictInt, Field(ge=0, le=9)]
    convention: Literal["act/act", "act/365"]


@dataclass(frozen=True, config=table_config)
class Remainder:
    """What happens to fees and interest left after the principal is paid, in cents."""

    forgive_under: Cents
    handover_from: Cents


@dataclass(frozen=True, config=table_config)
class Cancellation:
    """Fees for cancelling after handover, in cents: to the vendor (gross) and to the platform."""

    vendor_fee: Cents
    partner_fee: Cents


@dataclass(frozen=True, config=table_config)
class Limits:
    """Smallest claim in cents; lengths in days."""

    minimum_claim: Cents
    settings_lock_days: Days
    hold_days: OneDayOrMore
    hold_notice_days: Days


@dataclass(frozen=True, config=table_config)
class Claims:
    """Which claims can be dunned at all."""

    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    currency: Literal["EUR"]


@dataclass(frozen=True, config=table_config)
class MethodRule:
    """How far an order of one payment method goes, by what went wrong with its payment."""

    unpaid: Treatment
    failed: Treatment
    charged_back: Treatment


@dataclass(frozen=True, config=table_config)
class Methods:
    """The payment methods, as orders name them."""

    invoice: MethodRule
    sepa: MethodRule
    credit_card: MethodRule
    paypal: MethodRule
    sofort: MethodRule
    test: MethodRule


@dataclass(frozen=True, config=table_config)
class Creditor:
    """The creditor and payee of every claim, as printed in letters; IBAN and BIC without blanks."""

    name: Annotated[str, Field(min_length=1, max_length=70)]
    street: Words
    house_number: Annotated[str, Field(max_length=20)]
    zipcode: Words
    city: Words
    country: Country
    iban: str
    bic: str
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    phone: MaybeWords
    website: MaybeWords
    register: MaybeWords
    vat_id: MaybeWords
    input_tax_entitled: StrictBool

    @model_validator(mode="after")
    def check_account(self) -> "Creditor":
        if not iban.is_valid(self.iban) or self.iban != iban.compact(self.iban):
            raise ValueError("iban must be a valid IBAN without blanks")
        if self.bic and (not bic.is_valid(self.bic) or self.bic != bic.compact(self.bic)):
            raise ValueError("bic must be empty or a valid BIC without blanks")
        return self

    @property
    def is_demo(self) -> bool:
        """True for the built-in demonstration creditor, which production refuses."""
        return self.name == DEMO_NAME or self.iban == DEMO_IBAN


@dataclass(frozen=True, config=table_config)
class Partner:
    """The collection agency as letters name it, and the addresses of its own portal for vendors."""

    name: Words
    city: Words
    portal_url: WebAddress
    # where somebody who has forgotten the portal's password asks for a new one
    portal_reset_url: WebAddress

    @property
    def is_demo(self) -> bool:
        """True for the built-in agency, which exists in the sandbox only; production refuses it."""
        return self.name == DEMO_PARTNER
