"""Whose money is it? What a remittance text names. Only a name is booked on, never a likeness.

The text comes line by line; whether a blank stood between two lines is not known, so both readings are tried. A valid
RF reference (ISO 11649) names a receivable, an order ID names an order; a rate named beside it is the debtor's own
choice of what he pays (§ 366(1) BGB). Equal amounts and similar names are suggestions for a person.
"""

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Final

from dunning.rules.money.rate_hint import NO_HINT, RateHint, read_hint
from dunning.rules.money.reference import fold_order_id, is_reference
from dunning.rules.names import fold
from dunning.rules.terms import LeftOut, PaymentSource

# why nobody knows whose money it is
NO_REFERENCE = "no_reference"
ORDER_UNKNOWN = "order_unknown"
SEVERAL_ORDERS = "several_orders"
UNKNOWN_RATE = "unknown_rate"
OTHER_CURRENCY = "other_currency"
POSSIBLY_SAME = "possibly_same"
NOT_CREDITED = "not_credited"
REASONS = (
    NO_REFERENCE,
    ORDER_UNKNOWN,
    SEVERAL_ORDERS,
    UNKNOWN_RATE,
    OTHER_CURRENCY,
    POSSIBLY_SAME,
    NOT_CREDITED,
)
# why an entry of a bank's file is no payment of a buyer: kept, and listed for a person
OUTGOING: Final = "outgoing"
DEBIT_REVERSED: Final = "debit_reversed"
NOT_BOOKED: Final = "not_booked"
NO_AMOUNT: Final = "no_amount"
UNREADABLE: Final = "unreadable"
# nobody has to decide about them
QUIET: tuple[LeftOut, ...] = (OUTGOING, DEBIT_REVERSED, NOT_BOOKED, NO_AMOUNT)
# of a payment that a person found to be another one over again: no reason to look for its order
DUPLICATE = "duplicate"

SHORTEST_ID = 4
MOST_TOKENS = 4
LONGEST_REFERENCE = 25
MOST_CANDIDATES = 400
SAME_DAYS = 5
# channels that may speak of one payment; each tells its own apart
COMPARED: tuple[PaymentSource, ...] = ("ipn", "camt", "mt940", "csv")
SIMILAR = Fraction(4, 5)

token = re.compile(r"[^\W_]+")
# between the pieces of one order ID: what a bank or a buyer puts in or leaves out
filler = re.compile(r"[\s\-‐‑‒–—_/]*")
reference_start = re.compile(r"RF\d\d", re.IGNORECASE)


@dataclass(frozen=True)
class Clues:
    """What a text may name: bodies of RF references (without `RF` and check digits), folded order IDs, rates."""

    references: frozenset[str]
    order_ids: frozenset[str]
    hint: RateHint


@dataclass(frozen=True)
class Target:
    """A known order, or with `rate` one receivable of it."""

    order_pk: int
    vendor_id: int
    currency: str
    rate: int | None = None


@dataclass(frozen=True)
class Match:
    """Where a payment belongs, or in `reason` why nobody knows.

    `rate`: nowhere else. `hint`: there first. Then, and without either, the oldest due receivable comes first.
    """

    target: Target | None = None
    rate: int | None = None
    reason: str = ""
    hint: RateHint = NO_HINT


@lru_cache(maxsize=4096)
def read_clues(text: str) -> Clues:
    """Everything in the text that could be a reference or an order ID; what it is only the database knows."""
    references: set[str] = set()
    order_ids: set[str] = set()
    for reading in {text.replace("\n", " "), text.replace("\n", "")}:
        for start, end, joined in _list_runs(reading):
            if reference_start.match(joined) and is_reference(joined):
                references.add(joined[4:])
            if end - start <= MOST_TOKENS and len(joined) >= SHORTEST_ID and len(order_ids) < MOST_CANDIDATES:
                order_ids.add(joined)
    return Clues(frozenset(references), frozenset(order_ids), read_hint(text))


def _list_runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Runs of neighbouring tokens, folded: first token, token after the last, the run without what is between."""
    tokens = list(token.finditer(text))
    for start, first in enumerate(tokens):
        joined, last = "", first.start()
        for number in range(start, len(tokens)):
            piece = tokens[number]
            known = piece[0].isascii() and filler.fullmatch(text, last, piece.start())
            joined, last = joined + fold_order_id(piece[0]), piece.end()
            long = number - start >= MOST_TOKENS and not reference_start.match(joined)
            if not known or long or len(joined) > LONGEST_REFERENCE * 3:
                break
            yield start, number + 1, joined


def decide_match(
    clues: Clues,
    currency: str,
    references: Mapping[str, Target],
    orders: Mapping[str, Iterable[Target]],
) -> Match:
    """The one order or receivable that the text names; with none, or more than one order, a person decides."""
    receivables = {references[body] for body in clues.references if body in references}
    named = {target for folded in clues.order_ids for target in orders.get(folded, ())}
    order_pks = {target.order_pk for target in receivables | named}
    if len(order_pks) > 1:
        return Match(reason=SEVERAL_ORDERS)
    if not order_pks:
        return Match(reason=ORDER_UNKNOWN if clues.references else NO_REFERENCE)
    exact = len(receivables) == 1
    target = next(iter(receivables if exact else receivables | named))
    if target.currency != currency:
        return Match(reason=OTHER_CURRENCY)
    order = replace(target, rate=None)
    return Match(order, target.rate) if exact else Match(order, hint=clues.hint)


@dataclass(frozen=True)
class Known:
    """A payment as it is compared with another: cents, local value date, and where the news of it came from."""

    cents: int
    value_date: dt.date
    source: PaymentSource


def is_possibly_same(payment: Known, other: Known) -> bool:
    """Whether two reports on one receivable may be one payment: same amount within five days, by different channels.

    A channel tells its own payments apart: two equal ones of the same channel are two. Rows of a CSV file that carry
    the platform's transaction ID, as its events do, are not to be asked about.
    """
    compared = payment.source != other.source and {payment.source, other.source} <= set(COMPARED)
    near = abs((payment.value_date - other.value_date).days) <= SAME_DAYS
    return compared and near and payment.cents == other.cents


@dataclass(frozen=True)
class Candidate:
    """A receivable money might be for. `open` and `principal` are what is open of the claim and of its principal."""

    order_id: str
    rate: int
    rates: int
    names: tuple[str, ...]
    open: int
    principal: int
    named: bool


@dataclass(frozen=True)
class Suggestion:
    """A candidate and why it is one: order_in_text, same_amount, same_name."""

    candidate: Candidate
    why: tuple[str, ...]


def rank_candidates(
    cents: int, payer: str, candidates: Iterable[Candidate], most: int = 3
) -> list[Suggestion]:
    """The likeliest first; a similar name alone suggests nothing."""
    found = [Suggestion(candidate, _list_reasons(cents, payer, candidate)) for candidate in candidates]
    likely = [suggestion for suggestion in found if set(suggestion.why) - {"same_name"}]
    return sorted(likely, key=lambda s: ("order_in_text" not in s.why, -len(s.why), s.candidate.order_id))[
        :most
    ]


def _list_reasons(cents: int, payer: str, candidate: Candidate) -> tuple[str, ...]:
    reasons = {
        "order_in_text": candidate.named,
        "same_amount": cents > 0 and cents in (candidate.open, candidate.principal),
        "same_name": any(is_similar(payer, name) for name in candidate.names),
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def is_similar(one: str, other: str) -> bool:
    """Whether two names look alike, whatever the order of their words: `MUSTER, ANNA` and `Anna Muster`."""
    words, others = sorted(fold(one).split()), sorted(fold(other).split())
    if not words or not others:
        return False
    return difflib.SequenceMatcher(None, " ".join(words), " ".join(others)).ratio() >= SIMILAR
