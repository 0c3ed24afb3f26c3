"""Writes a letter from the facts: its table is the ledger plus the one interest computation."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, cast

from dunning.rules.calendar import ONE_DAY
from dunning.rules.claim import FEE_KINDS, Claim, compute_claim
from dunning.rules.costs import collection_costs
from dunning.rules.facts import Entry, Facts
from dunning.rules.gates import DUNNING_ONLY
from dunning.rules.interest import Segment, accrue_interest, base_rate
from dunning.rules.letter import (
    Interest,
    Letter,
    LetterKind,
    Line,
    LineKind,
    Position,
    language_for,
    name_recipient,
)
from dunning.rules.policy import Policy
from dunning.rules.reference import creditor_reference
from dunning.rules.steps import FIRST_LETTER, PAYMENT_REMINDER, SECOND_LETTER

STEP_BEFORE = {FIRST_LETTER: PAYMENT_REMINDER, SECOND_LETTER: FIRST_LETTER}


def compose_letter(
    facts: Facts,
    policy: Policy,
    *,
    kind: LetterKind,
    number: int,
    on: dt.date,
    deadline: dt.date,
    reference: str,
    payments_known_until: dt.datetime,
) -> Letter:
    """The letter of the day `on`, interest of that day included; the entries of `facts` hold its fee already.

    `reference` is the receivable's, without the RF mark. LetterContentError when the lines do not add up.
    """
    claim = compute_claim(facts, policy, on)
    before = facts.done(STEP_BEFORE[kind])
    return Letter(
        kind=kind,
        language=language_for(facts.buyer.country),
        number=number,
        on_date=on,
        deadline=deadline,
        payments_known_until=payments_known_until,
        reminded_on=before.done_on if before else None,
        order_id=facts.order.order_id,
        order_date=facts.order.order_date,
        product_name=facts.order.product_name,
        vendor_name=facts.vendor.name,
        creditor=policy.creditor,
        recipient=name_recipient(facts.buyer),
        reference=reference,
        rf_reference=creditor_reference(reference),
        positions=(list_position(facts, claim),),
        charges=tuple(list_charges(facts, on)),
        total=claim.total,
        interest=describe_interest(facts, policy, claim),
        business=facts.buyer.business,
        **announce_handover(facts, policy, claim, kind),
    )


def list_position(facts: Facts, claim: Claim) -> Position:
    """The receivable with what happened to it, in order of time; on one day money comes before interest."""
    entries = [entry for entry in facts.entries if entry.value_date <= claim.on and in_position(entry)]
    dated = [
        ((entry.value_date, 0), print_entry(entry, facts)) for entry in entries if entry.kind != "principal"
    ]
    dated += [((segment.first_day, 1), print_segment(segment)) for segment in claim.segments]
    dated.sort(key=lambda pair: pair[0])
    principal = [print_entry(entry, facts) for entry in entries if entry.kind == "principal"]
    lines = (*principal, *(line for _, line in dated))
    return Position(rate_number=facts.rate_number, rates=facts.order.rates, lines=lines)


def in_position(entry: Entry) -> bool:
    """Costs stand by themselves; posted interest is part of the computed interest and is not repeated."""
    return (entry.reverses or entry.kind) not in (*FEE_KINDS, "interest")


def list_charges(facts: Facts, on: dt.date) -> Iterator[Line]:
    """Fees, the lump sum and the bank's fees up to the day, and what took them back."""
    for entry in facts.entries:
        if entry.value_date <= on and (entry.reverses or entry.kind) in FEE_KINDS:
            yield print_entry(entry, facts)


def print_entry(entry: Entry, facts: Facts) -> Line:
    """A ledger entry as a line; the principal is dated by its due date."""
    on = (facts.due_date or entry.value_date) if entry.kind == "principal" else entry.value_date
    return Line(kind=cast(LineKind, entry.kind), cents=entry.cents, on=on)


def print_segment(segment: Segment) -> Line:
    return Line(
        kind="interest",
        cents=segment.cents,
        first_day=segment.first_day,
        last_day=segment.last_day,
        days=segment.days,
        base_cents=segment.principal,
        rate=segment.rate,
    )


def describe_interest(facts: Facts, policy: Policy, claim: Claim) -> Interest:
    """The rate on the letter's day, and what the day after it costs."""
    points = policy.interest_points(business=facts.buyer.business)
    tomorrow = claim.on + ONE_DAY
    next_day = accrue_interest(
        open_principal(claim), tomorrow, tomorrow, points=points, convention=policy.interest.convention
    )
    daily = sum(segment.cents for segment in next_day)
    return Interest(points=points, rate=base_rate(claim.on) + points, daily_cents=daily)


def open_principal(claim: Claim) -> int:
    """What interest runs on; before it runs, what is left of the principal."""
    if claim.segments and claim.segments[-1].last_day == claim.on:
        return claim.segments[-1].principal
    return max(claim.balance.open_principal, 0)


def announce_handover(facts: Facts, policy: Policy, claim: Claim, kind: LetterKind) -> dict[str, Any]:
    """The agency, and in the second letter its expected costs; nothing when the scheme ends without handover."""
    if facts.scheme == DUNNING_ONLY:
        return {}
    if kind == FIRST_LETTER:
        return {"partner": policy.partner}
    with_vat = not policy.creditor.input_tax_entitled
    costs = collection_costs(open_principal(claim), claim.on, with_vat=with_vat)
    return {"partner": policy.partner, "collection_costs": costs}
