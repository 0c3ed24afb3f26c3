"""What a dunning letter says: one frozen record, everything printed follows from it alone.

Amounts are integer cents, days local dates, rates percent per year. The words around the numbers stand in
letters/<language>/; what a letter must hold is explained in § 286(1) and § 288 BGB (default, interest) and
DIN 5008 form B (where it stands).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import TypeAdapter

from dunning.rules.calendar import ONE_DAY
from dunning.rules.facts import BuyerFacts
from dunning.rules.policy_tables import Creditor, Partner
from dunning.rules.terms import SECOND_LETTER, EntryKind, LetterKind

Language = Literal["de", "en"]

GERMAN_SPEAKING = frozenset({"DE", "AT", "CH", "LI"})


class LetterContentError(ValueError):
    """The letter contradicts itself: its lines do not add up, or it names no reason to be written."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom the letter is addressed to; `country` is the ISO code."""

    company: str = ""
    first_name: str = ""
    last_name: str = ""
    details: str = ""
    street: str
    house_number: str = ""
    zipcode: str
    city: str
    country: str

    @property
    def person(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table, `cents` signed by what it does to the claim.

    Interest has its first and last day (both included), their number, the principal it runs on (`base_cents`)
    and the rate; every other line has one day, `on`: the value date, of a principal the due date.
    """

    kind: EntryKind
    cents: int
    on: dt.date | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    days: int = 0
    base_cents: int = 0
    rate: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Position:
    """One receivable: its lines in order of time, the principal first. `invoice` may be unknown (empty)."""

    invoice: str = ""
    invoice_date: dt.date | None = None
    rate_number: int = 1
    rates: int = 1
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Interest:
    """Default interest: points above the base rate, the rate today, and what each further day costs."""

    points: int
    rate: Decimal
    daily_cents: int


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter, complete. Raises LetterContentError (a ValueError) when its lines do not add up to the total.

    `number` counts the letters of the case. `reference` is the case reference, `rf_reference` the same as
    creditor reference (ISO 11649), without blanks. `reminded_on` is the day of the reminder or letter before;
    a second letter needs it. `payments_known_until` is local time, without a zone. `partner` is the agency
    the claim goes to, None when nothing will be handed over. `collection_costs` are what collection costs at
    the 0.5 and the 0.9 fee; None for a day before the first fee table.
    """

    kind: LetterKind
    language: Language
    number: int
    on_date: dt.date
    deadline: dt.date
    payments_known_until: dt.datetime
    reminded_on: dt.date | None
    order_id: str
    order_date: dt.date
    product_name: str
    vendor_name: str
    creditor: Creditor
    recipient: Recipient
    reference: str
    rf_reference: str
    positions: tuple[Position, ...]
    charges: tuple[Line, ...] = ()
    total: int
    interest: Interest
    business: bool = False
    partner: Partner | None = None
    collection_costs: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        added = sum(line.cents for line in self.lines)
        if added != self.total:
            raise LetterContentError(f"the lines add up to {added} cents, the total says {self.total}")
        if self.kind == SECOND_LETTER and self.reminded_on is None:
            raise LetterContentError("a second letter names the day of the first")

    @property
    def lines(self) -> Iterator[Line]:
        """All lines of the table in the order they are printed."""
        for position in self.positions:
            yield from position.lines
        yield from self.charges

    @property
    def interest_from(self) -> dt.date:
        """Of a first letter: default begins when its deadline has passed (§ 286(1), § 187(1) BGB)."""
        return self.deadline + ONE_DAY

    @property
    def invoice(self) -> str:
        """The invoice number when the letter is about one receivable and the number is known."""
        return self.positions[0].invoice if len(self.positions) == 1 else ""

    @property
    def lump_sum(self) -> bool:
        """Whether the lump sum of § 288(5) BGB is claimed."""
        return any(line.kind == "lump_sum" for line in self.lines)

    @property
    def part_paid(self) -> bool:
        """Whether the buyer has paid something: then nobody may write that nothing was heard."""
        return any(line.kind == "payment" for line in self.lines)

    def to_json(self) -> str:
        """The letter as JSON, the same text for the same letter: cents as numbers, days as ISO dates."""
        return _letters.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "Letter":
        """The letter that `to_json` wrote; ValueError when it is none."""
        return _letters.validate_json(text)


_letters = TypeAdapter(Letter)


def freeze_letter(letter: Letter) -> dict[str, Any]:
    """The letter as plain JSON values, for the record that keeps it."""
    frozen: dict[str, Any] = _letters.dump_python(letter, mode="json")
    return frozen


def thaw_letter(frozen: dict[str, Any]) -> Letter:
    """The letter that `freeze_letter` froze; ValueError when it is none."""
    return _letters.validate_python(frozen)


def language_for(country: str) -> Language:
    """German for DE, AT, CH and LI, English for every other country."""
    return "de" if country.upper() in GERMAN_SPEAKING else "en"


def name_recipient(buyer: BuyerFacts) -> Recipient:
    """The buyer as addressee; contact data that no letter prints is left behind."""
    names = (
        "company",
        "first_name",
        "last_name",
        "details",
        "street",
        "house_number",
        "zipcode",
        "city",
        "country",
    )
    return Recipient(**{name: getattr(buyer, name).strip() for name in names})


def describe_claim(letter: Letter) -> dict[str, Any]:
    """The letter's numbers for machines, attached to the PDF as claim.json: the same cents, no address."""
    frozen = freeze_letter(letter)
    kept = ("kind", "number", "on_date", "deadline", "order_id", "order_date", "reference", "rf_reference")
    creditor = {name: frozen["creditor"][name] for name in ("name", "iban", "bic")}
    numbers = {name: frozen[name] for name in ("positions", "charges", "total", "interest")}
    return {**{name: frozen[name] for name in kept}, "currency": "EUR", "creditor": creditor, **numbers}
