"""What is handed to the collection partner: one frozen record per claim, and what the partner's answer means.

Amounts are integer cents, days are local dates. `handover_payload` says it in the partner's field names.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from dunning.rules.facts import BuyerFacts, Entry, Facts
from dunning.rules.money.claim import find_interest_start, sum_entries
from dunning.rules.terms import FEE_KINDS, FIRST_LETTER, EntryKind

LONGEST_REFERENCE = 255
CHARGE_KINDS: tuple[EntryKind, ...] = (*FEE_KINDS, "interest")

# What each partner cannot do without, as names of `present_fields`.
ADDRESS_FIELDS = ("street", "zipcode", "city", "country")
PLAIN_CLAIM = ("reference", "name", *ADDRESS_FIELDS, "due_date", "principal")
REQUIRED_FIELDS = {"paywise": PLAIN_CLAIM, "file": PLAIN_CLAIM}
# the eligibility point that is red for want of a field; every other field is the point of its own name
POINT_OF_FIELD = {"due_date": "due_date_known", "principal": "open_amount", "reference": "order_exists"}

# the reason of a case that failed at the partner, beside the points
REJECTED = "rejected"
# two claims of ours answered with one file number
MANDATE_TAKEN = "mandate_taken"

Submission = Literal["review", "accepted", "rejected"]
SUBMISSIONS: dict[str, Submission] = {
    "created": "review",
    "released": "review",
    "under_review": "review",
    "client_response_pending": "review",
    "accepted": "accepted",
    "rejected": "rejected",
}


@dataclass(frozen=True)
class Charge:
    """A fee, lump sum, interest or return fee as posted: `kind` is the ledger's, `on` its value date."""

    kind: EntryKind
    cents: int
    on: dt.date


@dataclass(frozen=True)
class PaymentMade:
    """Money that reached us before the handover and stayed."""

    cents: int
    value_date: dt.date
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Handover:
    """The claim as it is handed over, frozen; `reference` is ours, random, and the key against doubles.

    `reminder_date` is the day of the first letter and `delay_date` the first day of default; both None for a
    chargeback, which has no letters. `principal` is the price still claimed, payments not subtracted.
    """

    reference: str
    debtor: BuyerFacts
    order_id: str
    product_name: str
    order_date: dt.date
    due_date: dt.date | None
    reminder_date: dt.date | None = None
    delay_date: dt.date | None = None
    principal: int
    charges: tuple[Charge, ...] = ()
    payments: tuple[PaymentMade, ...] = ()
    scheme: int
    vendor_name: str
    disputed: bool = False
    # the partner's id of the claim it rejected, or gave back, before this one
    previous_claim: str = ""

    @property
    def charged(self) -> int:
        return sum(charge.cents for charge in self.charges)

    @property
    def paid(self) -> int:
        return sum(payment.cents for payment in self.payments)

    @property
    def total(self) -> int:
        """Principal plus charges minus payments: what the partner is to collect."""
        return self.principal + self.charged - self.paid


_handovers = TypeAdapter(Handover)


def freeze_handover(handover: Handover) -> dict[str, Any]:
    """The record as plain JSON values, for an effect's payload."""
    frozen: dict[str, Any] = _handovers.dump_python(handover, mode="json")
    return frozen


def thaw_handover(frozen: dict[str, Any]) -> Handover:
    """The record that `freeze_handover` froze; ValueError when it is none."""
    return _handovers.validate_python(frozen)


def prepare_handover(facts: Facts, reference: str, on: dt.date, previous_claim: str = "") -> Handover:
    """The claim on the day `on`, from the ledger; interest of that day must have been posted before."""
    letters = [s.done_on for s in facts.steps if s.kind == FIRST_LETTER and s.state == "done" and s.done_on]
    known = [entry for entry in facts.entries if entry.value_date <= on]
    return Handover(
        reference=reference,
        debtor=facts.buyer,
        order_id=facts.order.order_id,
        product_name=facts.order.product_name,
        order_date=facts.order.order_date,
        due_date=facts.due_date,
        reminder_date=min(letters, default=None),
        delay_date=find_interest_start(facts),
        principal=sum_entries(known, on).principal,
        charges=tuple(list_charges(known)),
        payments=tuple(list_payments(known, sum_entries(known, on).paid)),
        scheme=facts.scheme,
        vendor_name=facts.vendor.name,
        disputed=facts.disputed,
        previous_claim=previous_claim,
    )


def list_charges(entries: list[Entry]) -> Iterator[Charge]:
    """One charge per kind, reversals taken off, dated by its last entry."""
    for kind in CHARGE_KINDS:
        own = [e for e in entries if e.subject == kind]
        cents = sum(entry.cents for entry in own)
        if cents > 0:
            yield Charge(kind, cents, max(entry.value_date for entry in own))


def list_payments(entries: list[Entry], paid: int) -> Iterator[PaymentMade]:
    """The oldest payments up to `paid` cents: what was taken back is taken off the newest."""
    left = paid
    for entry in sorted(entries, key=lambda e: e.value_date):
        cents = min(-entry.cents, left)
        if entry.kind == "payment" and cents > 0:
            left -= cents
            yield PaymentMade(cents, entry.value_date)


def list_missing(handover: Handover, adapter: str = "paywise") -> list[str]:
    """Names of the fields this partner requires and the record does not have, in the partner's order."""
    present = present_fields(handover)
    return [name for name in REQUIRED_FIELDS[adapter] if not present[name]]


def list_red_points(handover: Handover, adapter: str = "paywise") -> list[str]:
    """The points that are red because this partner could not take the claim; empty when it can."""
    return [POINT_OF_FIELD.get(name, name) for name in list_missing(handover, adapter)]


def present_fields(handover: Handover) -> dict[str, bool]:
    """Every field a partner may require, and whether it is there."""
    debtor = handover.debtor
    address = {name: bool(getattr(debtor, name).strip()) for name in ADDRESS_FIELDS}
    return {
        **address,
        "reference": 0 < len(handover.reference) <= LONGEST_REFERENCE,
        "name": bool(debtor.company.strip() or (debtor.first_name.strip() and debtor.last_name.strip())),
        "email": bool(debtor.email.strip()) and not debtor.email_refused,
        "due_date": handover.due_date is not None,
        "principal": handover.principal > 0,
    }


def map_submission(state: str) -> Submission | None:
    """What a claim's `submission_state` means to us; None for an unknown value: nothing changes then."""
    return SUBMISSIONS.get(state)
