"""The explanation of an order for people: one fact per line, the claim line by line to the cent."""

from collections.abc import Iterator
from typing import Any

from dunning.desk import Desk
from dunning.rules.cents import format_amount
from dunning.rules.facts import Facts
from dunning.rules.letters.letter import Line
from dunning.rules.letters.lines import list_position
from dunning.rules.money.claim import Allocation, Claim, compute_claim
from dunning.rules.money.costs import collection_costs, court_fee
from dunning.rules.money.interest import Segment
from dunning.rules.money.limitation import judge_limitation

WIDTH = 12


def write_text(answer: dict[str, Any], all_facts: list[Facts], desk: Desk) -> Iterator[str]:
    """The JSON's content and, for each receivable, the calculation behind its claim."""
    yield f"Order {answer['order_id']}, vendor {answer['vendor_id'] or 'unknown'}"
    for receivable, facts in zip(answer["receivables"], all_facts, strict=True):
        yield ""
        yield f"Instalment {receivable['rate_number']}, due {receivable['due_date']}"
        state = receivable["status"] or "no case"
        yield f"  {state}; can be started: {'yes' if receivable['eligible'] else 'no'}"
        if receivable["appears_on"]:
            yield f"  appears in dunning on {receivable['appears_on']}"
        yield from write_groups(receivable["groups"])
        for step in receivable["steps"]:
            yield f"  step {step['kind']}: {step['state']}, {step['done_on'] or step['due']}"
        yield from write_claim(facts, desk)
    yield from write_groups(answer.get("groups", []))


def write_groups(groups: list[dict[str, Any]]) -> Iterator[str]:
    """A plus or a minus for each point, with its sentence; an advisory one says that it blocks nothing."""
    for group in groups:
        for point in group["points"]:
            advice = "" if point.get("blocks", True) else " (blocks nothing)"
            yield f"  {'+' if point['ok'] else '-'} {group['key']}.{point['key']}: {point['detail']}{advice}"


def write_claim(facts: Facts, desk: Desk) -> Iterator[str]:
    """Every line of the claim on the desk's day, then what hangs on it: limitation, and what comes dearer."""
    claim = compute_claim(facts, desk.policy, desk.today)
    yield f"  claim on {desk.today}"
    yield from (f"    {line}" for line in list_lines(facts, claim))
    yield f"    {write_amount(claim.total)}  total"
    limitation = judge_limitation(facts.due_date, facts.entries, desk.today)
    if limitation:
        alarm = f", {limitation.days_left} days left" if limitation.alarm is not None else ""
        yield f"  time-barred after {limitation.last_day}{alarm}"
    yield from write_costs(claim, desk)


def list_lines(facts: Facts, claim: Claim) -> Iterator[str]:
    """Principal, then money and interest in order of time, then charges: together the total."""
    position, charges = list_position(facts, claim)
    segments, shares = iter(claim.segments), {share.value_date: share for share in claim.allocations}
    for line in position.lines:
        if line.kind == "interest":
            yield write_segment(next(segments))
        else:
            yield write_line(line, shares.pop(line.on, None) if line.kind == "payment" and line.on else None)
    for line in charges:
        yield write_line(line)


def write_line(line: Line, share: Allocation | None = None) -> str:
    """An entry; the first payment of a value date says where that day's money went (§ 367 BGB)."""
    text = f"{write_amount(line.cents)}  {line.kind} {line.on or ''}".rstrip()
    if share is None:
        return text
    split = ("costs", share.costs), ("interest", share.interest), ("principal", share.principal)
    parts = [f"{name} {format_amount(cents, 'en')}" for name, cents in (*split, ("too much", share.surplus))]
    return f"{text}: {', '.join(parts)}"


def write_segment(segment: Segment) -> str:
    """Days, rate, what it runs on and by which year."""
    points = (segment.rate - segment.base_rate).normalize()
    return (
        f"{write_amount(segment.cents)}  interest {segment.first_day} to {segment.last_day}: {segment.days} days, "
        f"{segment.base_rate} % + {points} on {format_amount(segment.principal, 'en')}, year of {segment.year_days}"
    )


def write_costs(claim: Claim, desk: Desk) -> Iterator[str]:
    """What collection and court are expected to add; nothing without principal or before the first fee table."""
    value, today = claim.principal_left, desk.today
    with_vat = not desk.policy.creditor.input_tax_entitled
    costs = collection_costs(value, today, with_vat=with_vat) if value > 0 else None
    if costs:
        low, high = (format_amount(cents, "en") for cents in costs)
        yield f"  collection would add {low} (0.5, paid within two weeks) to {high} (0.9)"
    court = court_fee(value, today) if value > 0 else None
    if court:
        yield f"  a court order would add {format_amount(court, 'en')}"


def write_amount(cents: int) -> str:
    """Right-aligned."""
    return format_amount(cents, "en").rjust(WIDTH)
