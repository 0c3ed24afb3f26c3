"""Money that must have come in: more was taken back than anybody has told us was paid.

An order that comes in as charged back, or whose chargeback is heard of before its payment, was credited once: only what
had been credited can be taken back. What the partner collects comes after all that. Amounts are cents.
"""

from collections.abc import Iterable
from typing import Final

from dunning.rules.facts import Entry
from dunning.rules.terms import PARTNER_SOURCE

ORDER: Final = "order"


def find_missing_credit(entries: Iterable[Entry]) -> int:
    """The most by which, on any value date, what was taken back exceeds what is known to have been paid by then."""
    moved: dict[object, int] = {}
    for entry in drop_implied(list(entries)):
        if entry.subject in ("payment", "chargeback") and entry.source != PARTNER_SOURCE:
            moved[entry.value_date] = moved.get(entry.value_date, 0) + entry.cents
    missing = taken_back = 0
    for _, cents in sorted(moved.items(), key=lambda item: str(item[0])):
        taken_back += cents
        missing = max(missing, taken_back)
    return missing


def drop_implied(entries: list[Entry]) -> list[Entry]:
    """Without the payments that only the order's own status tells of, and what was reversed of them."""
    implied = {e.id for e in entries if e.kind == "payment" and e.source == ORDER}
    return [e for e in entries if e.id not in implied and e.reverses_id not in implied]
