"""What is owed: the one place where a ledger becomes a balance and a claim to the cent.

By value date up to the asked day, with payments M, refunds R and withdrawn money C (chargebacks, returned debits):
principal = original - R, paid = M - C - min(R, M). A payment goes to costs, then interest, then principal
(§ 367(1) BGB). Interest runs on what is left of the principal, from the day after the first letter's deadline.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from dunning.rules.calendar import ONE_DAY
from dunning.rules.facts import Entry, Facts
from dunning.rules.money.interest import Segment, accrue_interest, default_after_deadline, sum_interest
from dunning.rules.policy import Policy
from dunning.rules.terms import FEE_KINDS, FIRST_LETTER, Subject

# what an entry moves in the walk of § 367 BGB; interest is computed there, whatever was posted
PARTS: dict[Subject, str] = {
    **dict.fromkeys(FEE_KINDS, "costs"),
    **dict.fromkeys(("principal", "refund", "payout"), "principal"),
    "payment": "payment",
    "chargeback": "chargeback",
    "remainder_forgiven": "forgiven",
}


@dataclass(frozen=True)
class Balance:
    """Sums of ledger entries, in cents. `interest` is what was posted, not what is still running."""

    principal: int
    paid: int
    fees: int
    interest: int
    forgiven: int

    @property
    def outstanding(self) -> int:
        """The sum of all entries: negative when overpaid."""
        return self.principal - self.paid + self.fees + self.interest - self.forgiven

    @property
    def open_principal(self) -> int:
        return self.principal - self.paid


@dataclass(frozen=True)
class Allocation:
    """How one payment was used (§ 367 BGB), in cents; `surplus` is more than was owed."""

    value_date: dt.date
    cents: int
    costs: int
    interest: int
    principal: int
    surplus: int


@dataclass(frozen=True)
class Claim:
    """The claim on a day, that day's interest included."""

    on: dt.date
    balance: Balance
    segments: tuple[Segment, ...]
    allocations: tuple[Allocation, ...]
    interest_from: dt.date | None
    # what is left after § 367: payments have gone to costs and interest first
    principal_left: int
    costs_left: int
    interest_left: int

    @property
    def interest(self) -> int:
        """Posted plus running: always the one computation."""
        return sum_interest(self.segments)

    @property
    def running(self) -> int:
        """Interest not yet posted to the ledger."""
        return self.interest - self.balance.interest

    @property
    def total(self) -> int:
        return self.balance.outstanding + self.running


def sum_entries(entries: Iterable[Entry], on: dt.date) -> Balance:
    """The balance from the entries whose value date is not after `on`."""
    sums: dict[Subject, int] = {}
    for entry in entries:
        if entry.value_date <= on:
            sums[entry.subject] = sums.get(entry.subject, 0) + entry.cents
    paid = -sums.get("payment", 0) - sums.get("chargeback", 0) - sums.get("payout", 0)
    return Balance(
        principal=sums.get("principal", 0) + sums.get("refund", 0),
        paid=paid,
        fees=sum(sums.get(kind, 0) for kind in FEE_KINDS),
        interest=sums.get("interest", 0),
        forgiven=-sums.get("remainder_forgiven", 0),
    )


def find_interest_start(facts: Facts) -> dt.date | None:
    """Default begins when the first letter's deadline has passed: interest from the day after it (§ 286 BGB)."""
    letters = [s for s in facts.steps if s.kind == FIRST_LETTER and s.state == "done" and s.deadline]
    return default_after_deadline(min(s.deadline for s in letters if s.deadline)) if letters else None


def compute_claim(facts: Facts, policy: Policy, on: dt.date) -> Claim:
    """The claim on `on`, interest of that day included; entries with a later value date do not count."""
    walk = _Walk(facts, policy, on)
    for day in sorted({e.value_date for e in facts.entries if e.value_date <= on}):
        walk.take_day(day, [e for e in facts.entries if e.value_date == day])
    walk.accrue(on)
    return Claim(
        on=on,
        balance=sum_entries(facts.entries, on),
        segments=tuple(walk.segments),
        allocations=tuple(walk.allocations),
        interest_from=walk.start,
        principal_left=max(walk.principal, 0),
        costs_left=walk.costs,
        interest_left=walk.interest,
    )


class _Walk:
    """Goes through the ledger day by day; what was owed on a day decides where that day's payment goes."""

    def __init__(self, facts: Facts, policy: Policy, on: dt.date) -> None:
        self.start = find_interest_start(facts)
        self.points = policy.interest_points(business=facts.buyer.business)
        self.convention = policy.interest.convention
        self.on = on
        self.accrued_to = self.start - ONE_DAY if self.start else None
        self.principal = self.costs = self.interest = 0
        self.covered_principal = self.covered_costs = self.covered_interest = 0
        self.segments: list[Segment] = []
        self.allocations: list[Allocation] = []

    def take_day(self, day: dt.date, entries: list[Entry]) -> None:
        """Costs, then what changes the principal, then money; what moves none of these splits no segment."""
        sums: dict[str, int] = {}
        for entry in entries:
            if part := PARTS.get(entry.subject):
                sums[part] = sums.get(part, 0) + entry.cents
        self.costs += sums.pop("costs", 0)
        if not any(sums.values()):
            return
        self.accrue(day - ONE_DAY)
        self.principal += sums.get("principal", 0)
        self._take_money(day, -sums.get("payment", 0) - sums.get("chargeback", 0))
        forgiven = -sums.get("forgiven", 0)
        if forgiven > 0:
            self._cover(forgiven)
        else:
            self._owe_again(-forgiven)

    def accrue(self, last: dt.date) -> None:
        """Interest on what is left of the principal, from the day after the last accrual through `last`."""
        if self.accrued_to is None or last <= self.accrued_to:
            return
        first, self.accrued_to = self.accrued_to + ONE_DAY, last
        added = accrue_interest(self.principal, first, last, points=self.points, convention=self.convention)
        self.segments.extend(added)
        self.interest += sum_interest(added)

    def _take_money(self, day: dt.date, cents: int) -> None:
        if cents > 0:
            self.allocations.append(Allocation(day, cents, *self._cover(cents)))
        else:
            self._owe_again(-cents)

    def _cover(self, cents: int) -> tuple[int, int, int, int]:
        """Costs, interest, principal and surplus, in the order of § 367(1) BGB."""
        costs = min(cents, self.costs)
        interest = min(cents - costs, self.interest)
        principal = min(cents - costs - interest, max(self.principal, 0))
        surplus = cents - costs - interest - principal
        self._move(costs, interest, principal + surplus)
        return costs, interest, principal, surplus

    def _owe_again(self, cents: int) -> None:
        """What was taken back is owed as what it had covered, in reverse: no interest on interest (§ 289 BGB)."""
        principal = min(cents, self.covered_principal)
        interest = min(cents - principal, self.covered_interest)
        costs = min(cents - principal - interest, self.covered_costs)
        self._move(-costs, -interest, -(cents - interest - costs))

    def _move(self, costs: int, interest: int, principal: int) -> None:
        self.costs -= costs
        self.interest -= interest
        self.principal -= principal
        self.covered_costs += costs
        self.covered_interest += interest
        self.covered_principal += principal


def count_open(facts: Facts, policy: Policy, through: dt.date) -> int:
    """Cents still to be paid, whatever the value date of what is known, with the interest through that day."""
    balance = sum_entries(facts.entries, dt.date.max)
    interest = compute_claim(facts, policy, through).interest
    return balance.outstanding + max(interest - balance.interest, 0)


def worth_pursuing(facts: Facts, policy: Policy, on: dt.date) -> bool:
    """False for a small remainder of fees and interest, running interest included: it is never handed over."""
    claim = compute_claim(facts, policy, on)
    return claim.balance.open_principal > 0 or claim.total >= policy.remainder.handover_from
