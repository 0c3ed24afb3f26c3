"""The claim as the case page shows it: every line with its words, adding up to the total to the cent."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal
from flask_babel import lazy_gettext as _l

from dunning.rules.facts import Facts
from dunning.rules.gates import DUNNING_ONLY
from dunning.rules.letters.lines import list_position
from dunning.rules.money.claim import Allocation, Claim
from dunning.rules.money.costs import collection_costs
from dunning.rules.money.interest import Segment
from dunning.rules.policy import Policy
from dunning.rules.terms import EntryKind
from dunning.web.request.language import read_language
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day, write_money, write_short_day

ENTRY_LABELS = {
    "principal": _l("Principal"),
    "payment": _l("Payment"),
    "fee": _l("Dunning cost"),
    "lump_sum": _l("Lump sum for default (§ 288(5) BGB)"),
    "interest": _l("Default interest"),
    "return_fee": _l("Bank's return fee"),
    "refund": _l("Refund"),
    "chargeback": _l("Chargeback"),
    "reversal": _l("Reversal"),
    "remainder_forgiven": _l("Remainder forgiven"),
}


@dataclass(frozen=True)
class ClaimLine:
    """One line in cents; `look` is "" (adds up), sub (explains the line above) or sum."""

    label: str
    cents: int
    look: str = ""


def label_entry(kind: EntryKind) -> str:
    """A kind of ledger entry in the reader's words."""
    return str(ENTRY_LABELS[kind])


def list_claim(facts: Facts, claim: Claim) -> list[ClaimLine]:
    """Principal, what changed it, costs, interest line by line, total. The lines without a look add up to it."""
    position, charges = list_position(facts, claim)
    plain = [line for line in (*position.lines, *charges) if line.kind != "interest"]
    lines = [ClaimLine(_label_line(line.kind, line.on), line.cents) for line in plain if line.cents]
    if claim.segments:
        until = write_day(claim.on)
        lines.append(ClaimLine(_("Default interest until %(day)s", day=until), claim.interest))
        lines += [ClaimLine(describe_segment(segment), segment.cents, "sub") for segment in claim.segments]
    return [*lines, ClaimLine(_("Open"), claim.total, "sum")]


def _label_line(kind: EntryKind, on: dt.date | None) -> str:
    label = label_entry(kind)
    return label if kind == "principal" or on is None else f"{label} {write_day(on)}"


def describe_segment(segment: Segment) -> str:
    """`19.05.–30.06. · 43 days · 1,490.00 · 6.27 %`."""
    same_year = segment.first_day.year == segment.last_day.year
    first = write_short_day(segment.first_day) if same_year else write_day(segment.first_day)
    period = f"{first}–{write_day(segment.last_day)}"
    days = _("%(days)s d", days=segment.days)
    return f"{period} · {days} · {write_money(segment.principal)} · {write_percent(segment.rate)}"


def write_percent(rate: Decimal) -> str:
    """`6,27 %` or `6.27%`."""
    language = read_language()
    number = format_decimal(rate, "0.00", locale=language)
    return f"{number}\N{NO-BREAK SPACE}%" if language == "de" else f"{number}%"


def describe_allocation(share: Allocation) -> str:
    """Where a payment went (§ 367 BGB)."""
    parts = (
        (share.costs, _("%(amount)s for costs", amount=write_money(share.costs))),
        (share.interest, _("%(amount)s for interest", amount=write_money(share.interest))),
        (share.principal, _("%(amount)s for the principal", amount=write_money(share.principal))),
        (share.surplus, _("%(amount)s too much", amount=write_money(share.surplus))),
    )
    used = [text for cents, text in parts if cents]
    return ", ".join(used) if len(used) > 1 else ""


def explain_rate(facts: Facts, claim: Claim, policy: Policy) -> str:
    """Which law the interest is by, with the base rates used."""
    if not claim.segments:
        if facts.case and facts.case.chargeback:
            return _("No interest: after a chargeback no letter sets a deadline (§ 286 BGB).")
        return _("No interest yet: it runs from the day after the first letter's deadline (§ 286 BGB).")
    bases = dict.fromkeys(write_percent(segment.base_rate) for segment in claim.segments)
    business = facts.buyer.business
    return _(
        "Interest: base rate (%(bases)s) plus %(points)s percentage points, %(law)s.",
        bases=", ".join(bases),
        points=policy.interest_points(business=business),
        law=_("§ 288(2) BGB") if business else _("§ 288(1) BGB"),
    )


def explain_costs(facts: Facts, claim: Claim, policy: Policy) -> str:
    """What collection is expected to cost the buyer; nothing when no handover will follow."""
    if facts.scheme == DUNNING_ONLY or claim.balance.open_principal <= 0:
        return ""
    costs = collection_costs(claim.principal_left, claim.on, with_vat=not policy.creditor.input_tax_entitled)
    if costs is None:
        return ""
    low, high = (write_money(cents) for cents in costs)
    return str(
        _(
            "With the handover %(low)s to %(high)s of collection costs are expected to be added.",
            low=low,
            high=high,
        )
    )
