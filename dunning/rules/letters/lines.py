"""The claim as a letter prints it: one position with its lines in order of time, then the charges."""

import datetime as dt
from dataclasses import replace

from dunning.rules.course.steps import ONE_DAY
from dunning.rules.facts import Entry, Facts
from dunning.rules.letters.letter import Interest, Letter, Line, Position
from dunning.rules.money.claim import Claim, compute_claim, sum_entries
from dunning.rules.money.costs import letter_fee
from dunning.rules.money.interest import accrue_interest, base_rate, sum_interest
from dunning.rules.money.settlement import LETTER_FEES
from dunning.rules.policy import Policy
from dunning.rules.terms import FEE_KINDS, FIRST_LETTER, SECOND_LETTER, EntryKind, StepKind


def price_letter(kind: StepKind, facts: Facts, policy: Policy, on: dt.date) -> Entry | None:
    """The fee that goes with a letter of this day: only the second costs, and only in default (law.md 2).

    Nobody is in default with a principal that is paid: a letter about the remainder is free. A business owes the
    lump sum of § 288(5) BGB instead, once per receivable.
    """
    first = facts.done(FIRST_LETTER)
    in_default = bool(first and first.deadline and first.deadline < on)
    if kind != SECOND_LETTER or sum_entries(facts.entries, on).open_principal <= 0:
        return None
    business = facts.buyer.business
    cents = letter_fee(policy.fees, business=business, on_paper=True, in_default=in_default)
    fee_kind: EntryKind = "lump_sum" if business else "fee"
    if cents == 0 or (business and any(entry.kind == "lump_sum" for entry in facts.entries)):
        return None
    return Entry(fee_kind, cents, on)


def read_fee(letter: Letter) -> Entry | None:
    """What a letter charges for itself: once it is out, just that is owed."""
    own = (line for line in letter.charges if line.kind in LETTER_FEES and line.on == letter.on_date)
    return next((Entry(line.kind, line.cents, letter.on_date) for line in own), None)


def with_fee(facts: Facts, fee: Entry | None) -> Facts:
    """The facts as they will be when the letter is out."""
    return replace(facts, entries=(*facts.entries, fee)) if fee else facts


def list_position(facts: Facts, claim: Claim) -> tuple[Position, tuple[Line, ...]]:
    """The receivable's lines and the charges; together they add up to the claim's total."""
    known = [entry for entry in facts.entries if entry.value_date <= claim.on]
    # the claim's own segments are printed instead of what was posted of them
    apart = ("principal", "interest", *FEE_KINDS)
    principal = sum(entry.cents for entry in known if entry.subject == "principal")
    moves = [(entry.value_date, _line(entry)) for entry in known if entry.subject not in apart]
    interest = [
        (
            segment.first_day,
            Line(
                kind="interest",
                cents=segment.cents,
                first_day=segment.first_day,
                last_day=segment.last_day,
                days=segment.days,
                base_cents=segment.principal,
                rate=segment.rate,
            ),
        )
        for segment in claim.segments
    ]
    lines = [line for _, line in sorted([*moves, *interest], key=lambda dated: dated[0])]
    position = Position(
        rate_number=facts.rate_number,
        rates=facts.order.rates,
        lines=(Line(kind="principal", cents=principal, on=facts.due_date), *lines),
    )
    return position, tuple(_line(entry) for entry in known if entry.subject in FEE_KINDS)


def _line(entry: Entry) -> Line:
    return Line(kind=entry.kind, cents=entry.cents, on=entry.value_date)


def state_interest(facts: Facts, policy: Policy, claim: Claim, from_day: dt.date) -> Interest:
    """The rate from a day on, and what one more day costs on what is open."""
    points = policy.interest_points(business=facts.buyer.business)
    next_day = claim.on + ONE_DAY
    day = accrue_interest(
        claim.principal_left, next_day, next_day, points=points, convention=policy.interest.convention
    )
    return Interest(points=points, rate=base_rate(from_day) + points, daily_cents=sum_interest(day))


def price_claim(facts: Facts, policy: Policy, fee: Entry | None, on: dt.date) -> tuple[Facts, Claim]:
    """The claim of the letter's day with the letter's own fee."""
    priced = with_fee(facts, fee)
    return priced, compute_claim(priced, policy, on)
