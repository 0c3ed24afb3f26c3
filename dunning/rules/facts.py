"""The facts a decision is made from: one receivable with its order, buyer, vendor, ledger, steps and case.

Amounts are integer cents, days are local dates. The records are read into these once per decision, inside the
verb's transaction; the rules see nothing else.
"""

import datetime as dt
from dataclasses import dataclass, field

from dunning.rules import terms
from dunning.rules.gates import Settings


@dataclass(frozen=True)
class BuyerFacts:
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    house_number: str = ""
    details: str = ""
    zipcode: str = ""
    city: str = ""
    country: str = ""
    # the mail server refused the address for good
    email_refused: bool = False
    # the day a letter came back from this address
    undeliverable_on: dt.date | None = None

    @property
    def business(self) -> bool:
        """A buyer with a company name is a business, all others are consumers (§§ 13, 14 BGB)."""
        return bool(self.company.strip())

    @property
    def name(self) -> str:
        return self.company.strip() or f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class OrderFacts:
    order_id: str
    order_date: dt.date
    method: str
    plan: str = "one_time_payment"
    rates: int = 1
    currency: str = "EUR"
    product_name: str = ""
    test_payment: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class VendorFacts:
    id: int
    name: str
    active: bool = True
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class Entry:
    """A ledger line; `cents` is signed by what it does to the claim. `reverses` is the kind it takes back.

    `id` and `reverses_id` name entries of the ledger; an entry that is only thought of has none. `source` says what
    caused it: interest of the source "handover" is what the partner was told.
    """

    kind: terms.EntryKind
    cents: int
    value_date: dt.date
    reverses: terms.EntryKind | None = None
    id: int | None = None
    reverses_id: int | None = None
    source: terms.EntrySource | None = None

    @property
    def subject(self) -> terms.Subject:
        """The kind whose sum it changes: of a reversal what it takes back; "payout" when that is a refund."""
        if self.kind != "reversal":
            return self.kind
        return "payout" if self.reverses == "refund" else self.reverses or "payment"


@dataclass(frozen=True)
class StepFacts:
    """A stored step. `deadline` is set for letters."""

    kind: terms.StepKind
    state: terms.StepState
    due_on: dt.date
    round: int = 1
    done_on: dt.date | None = None
    deadline: dt.date | None = None
    reason: str = ""


@dataclass(frozen=True)
class CaseFacts:
    id: int
    status: terms.CaseStatus
    opened_on: dt.date
    consent: terms.Consent = "none"
    scheme: int | None = None
    round: int = 1
    started_on: dt.date | None = None
    unblocked_on: dt.date | None = None
    blocked_until: dt.date | None = None
    claim_in_review: bool = False
    # opened or brought back by a chargeback
    chargeback: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything known of one receivable. `due_date` None = not known yet."""

    order: OrderFacts
    buyer: BuyerFacts
    vendor: VendorFacts
    rate_number: int
    due_date: dt.date | None
    original_cents: int
    entries: tuple[Entry, ...] = ()
    steps: tuple[StepFacts, ...] = ()
    case: CaseFacts | None = None
    failed_on: dt.date | None = None
    charged_back_on: dt.date | None = None
    promised_until: dt.date | None = None
    disputed: bool = False

    @property
    def anchor(self) -> dt.date | None:
        """The day all steps count from: the due date; of a failed debit the later of that and its failing."""
        if self.due_date is None or self.failed_on is None:
            return self.due_date
        return max(self.due_date, self.failed_on)

    @property
    def charged_back(self) -> bool:
        """Whether it is dunned as a chargeback. Money taken back from an open case changes its ledger only."""
        return self.case.chargeback if self.case else self.charged_back_on is not None

    @property
    def scheme(self) -> int:
        """The case's frozen scheme, else the vendor's present one."""
        frozen = self.case.scheme if self.case else None
        return self.vendor.settings.scheme if frozen is None else frozen

    @property
    def round(self) -> int:
        return self.case.round if self.case else 1

    def step(self, kind: terms.StepKind) -> StepFacts | None:
        """The stored step that counts: the latest, unless superseded or a handover of an earlier round."""
        latest = max((s for s in self.steps if s.kind == kind), key=lambda s: s.round, default=None)
        if latest is None or latest.state == "superseded":
            return None
        return None if kind == terms.HANDOVER and latest.round < self.round else latest

    def next_round(self, kind: terms.StepKind) -> int:
        """The round a new step of this kind gets: what was made anew, or again after reopening, counts on."""
        made = max((s.round for s in self.steps if s.kind == kind), default=0)
        return max(made + 1, self.round if kind == terms.HANDOVER else 1)

    def done(self, kind: terms.StepKind) -> StepFacts | None:
        """The step of this kind that was carried out."""
        step = self.step(kind)
        return step if step and step.state == "done" else None
