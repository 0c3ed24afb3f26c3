"""What follows from the money that moved: the ledger as it should be against the ledger as it is.

Base entries (principal, payment, refund, chargeback, return fee, a letter's fee) come from outside, in any order and
late. Pay-outs, interest, unjustified fees and the remainder follow from them. `settle` computes what should have been
posted on every value date up to today and posts the differences only: twice posts nothing, and whatever became known
in whatever order, the sums by kind and value date are the same in the end.

A correction is a `reversal` that points at the entry it corrects and bears the value date it corrects; what is owed
again after all bears the opposite sign and points at the same entry. All amounts are cents, signed by what they do to
the claim; days are local dates.

Without a case only pay-outs are settled, nothing else can be due; likewise after a case was cancelled or closed: what
was posted by then stays. A `paid` case is settled on, so that a payment known late leaves an overpayment. The vendor's
present `remainder` setting judges; what was forgiven under a more generous one stays forgiven.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dunning.rules.calendar import ONE_DAY
from dunning.rules.facts import Entry, Facts
from dunning.rules.money.claim import Balance, compute_claim, sum_entries
from dunning.rules.money.corrections import FOLLOWING, Posting, list_corrections, list_days, sum_subject
from dunning.rules.policy import Policy
from dunning.rules.statuses import CANCELLED, CLOSED
from dunning.rules.terms import HANDOVER, EntryKind

LETTER_FEES: tuple[EntryKind, ...] = ("fee", "lump_sum")
GENEROSITY = ("pursue", "forgive_small", "forgive")


@dataclass(frozen=True)
class Settlement:
    """`covered`: nothing is left to be paid today, and money was paid."""

    postings: tuple[Posting, ...]
    covered: bool


def settle(facts: Facts, policy: Policy, today: dt.date) -> Settlement:
    """What is to be posted so that the ledger holds what it should, for value dates up to `today`."""
    payouts = list_payouts(facts, today)
    if facts.case is None or facts.case.status in (CANCELLED, CLOSED):
        return Settlement(tuple(payouts), covered=False)
    facts = post_all(facts, payouts)
    fees = judge_fees(facts, today)
    facts = post_all(facts, fees)
    due = _Due(facts, policy, today)
    corrections = list_corrections(facts.entries, due.entries, today)
    return Settlement((*payouts, *fees, *corrections), covered=due.covered)


def post_all(facts: Facts, postings: Iterable[Posting]) -> Facts:
    """The facts once these are posted."""
    kinds = {entry.id: entry.kind for entry in facts.entries}
    entries = list(facts.entries)
    for posting in postings:
        kinds[posting.id] = posting.kind
        reverses = kinds[posting.reverses] if posting.reverses is not None else None
        entries.append(
            Entry(
                posting.kind,
                posting.cents,
                posting.value_date,
                reverses,
                id=posting.id,
                reverses_id=posting.reverses,
            )
        )
    return replace(facts, entries=tuple(entries))


def list_payouts(facts: Facts, today: dt.date) -> list[Posting]:
    """As far as it had been paid by its value date, a refund is money paid out; never more than was paid.

    What is paid after a refund pays the rest: nothing is paid out for it. Each posting points at the refund before
    it; money that becomes known late, or turns out to be none, changes what was paid out.
    """
    refunds = [entry for entry in facts.entries if entry.kind == "refund"]
    postings = []
    paid_out = 0
    for day in list_days(facts.entries, today) if refunds else ():
        moved = [entry for entry in facts.entries if entry.value_date == day]
        paid = -sum_subject((e for e in facts.entries if e.value_date <= day), "payment")
        before, paid_out = paid_out, max(0, min(paid_out - sum_subject(moved, "refund"), paid))
        if cents := paid_out - before - sum_subject(moved, "payout"):
            refund = max(refunds, key=lambda entry: (entry.value_date <= day, entry.value_date))
            postings.append(Posting("reversal", cents, day, refund.id))
    return postings


def judge_fees(facts: Facts, today: dt.date) -> list[Posting]:
    """A letter's fee is unjustified when by its own value date the principal had been paid, or refunded.

    It stands again when that payment turns out to be none.
    """
    postings = []
    for fee in facts.entries:
        if fee.kind not in LETTER_FEES or fee.value_date > today:
            continue
        justified = sum_entries(facts.entries, fee.value_date).open_principal > 0
        corrected = sum(e.cents for e in facts.entries if e.kind == "reversal" and e.reverses_id == fee.id)
        if cents := (0 if justified else -fee.cents) - corrected:
            postings.append(Posting("reversal", cents, fee.value_date, fee.id))
    return postings


class _Due:
    """The interest and the forgiven remainder that should stand in the ledger, day by day."""

    def __init__(self, facts: Facts, policy: Policy, today: dt.date) -> None:
        self.bare = replace(facts, entries=tuple(e for e in facts.entries if e.subject not in FOLLOWING))
        self.policy = policy
        self.posted = [e for e in facts.entries if e.subject == "remainder_forgiven"]
        self.reached = find_handover(facts)
        self.frozen = list_handovers(facts)
        self.entries: list[Entry] = []
        for day in sorted({*list_days(self.bare.entries, today), *(d for d in self.frozen if d <= today)}):
            self._take_day(day)
        balance = self._balance(today)
        self.covered = balance.paid > 0 and balance.open_principal <= 0 and balance.outstanding <= 0

    @property
    def facts(self) -> Facts:
        return replace(self.bare, entries=(*self.bare.entries, *self.entries))

    def _balance(self, day: dt.date) -> Balance:
        return sum_entries(self.facts.entries, day)

    def _take_day(self, day: dt.date) -> None:
        moved = [entry for entry in self.bare.entries if entry.value_date == day]
        if day in self.frozen:
            self._reach(day, day)
        elif sum_subject(moved, "payment"):
            self._reach(day, day - ONE_DAY)
        self._add("remainder_forgiven", self._judge_remainder(day), day)

    def _reach(self, day: dt.date, through: dt.date) -> None:
        """Posts on `day` the interest through a day that is not posted yet; a segment is never split."""
        posted = self._balance(day).interest
        self._add("interest", compute_claim(self.facts, self.policy, through).interest - posted, day)

    def _add(self, kind: EntryKind, cents: int, day: dt.date) -> None:
        if cents:
            self.entries.append(Entry(kind, cents, day))

    def _judge_remainder(self, day: dt.date) -> int:
        """All that is open is forgiven once the principal is paid, and owed again when it is not any more."""
        balance = self._balance(day)
        rest = balance.outstanding
        if balance.open_principal > 0:
            return balance.forgiven
        if balance.paid <= 0 or rest <= 0:
            return 0
        return -rest if self._is_forgiven(day, rest) else 0

    def _interest_since(self, day: dt.date) -> int:
        """Once the partner has the claim, the case is paid when it is covered as it was handed over."""
        if self.reached is None or day <= self.reached:
            return 0
        return self._balance(day).interest - self._balance(self.reached).interest

    def _is_forgiven(self, day: dt.date, rest: int) -> bool:
        """By the vendor's rule of today, or the more generous one it was forgiven under."""
        since, limit = self._interest_since(day), self.policy.remainder.forgive_under
        judged = rest - since
        then = -sum_subject((e for e in self.posted if e.value_date == day), "remainder_forgiven") - since
        rule = "pursue" if then <= 0 else "forgive_small" if then < limit else "forgive"
        rule = max(rule, self.bare.vendor.settings.remainder, key=GENEROSITY.index)
        return judged <= 0 or rule == "forgive" or (rule == "forgive_small" and judged < limit)


def list_handovers(facts: Facts) -> set[dt.date]:
    """The days through which, themselves included, interest was posted for the partner."""
    frozen = {e.value_date for e in facts.entries if e.kind == "interest" and e.source == "handover"}
    accepted = find_handover(facts)
    return frozen | {accepted} if accepted else frozen


def find_handover(facts: Facts) -> dt.date | None:
    """The day through which the claim that the partner has accepted was reckoned: the one it was frozen on."""
    step = facts.done(HANDOVER)
    if step is None or step.done_on is None:
        return None
    frozen = [e.value_date for e in facts.entries if e.kind == "interest" and e.source == "handover"]
    return max((day for day in frozen if step.due_on <= day <= step.done_on), default=step.done_on)
