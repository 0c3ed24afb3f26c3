"""What a receivable is made of: one line per product, its principal their sum (design: "Orders in")."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dunning.rules.orders.events import FAILED, MADE, PENDING, UPCOMING, OrderEvent

# of a transaction, what it has not yet named the product of
REST = "rest of "


@dataclass(frozen=True)
class KnownRate:
    """A receivable known from elsewhere: a row of an orders file is all of it, under the product it names."""

    amount_cents: int
    due_date: dt.date | None
    product_id: str = ""


def fold_lines(events: Sequence[OrderEvent], known: KnownRate | None) -> dict[str, int]:
    """Product -> cents. Whoever asks for its money says them, else whoever announces it, else the orders file.

    A payment alone says what was paid, at least. An event that names no product speaks of the only one there is; where
    there are several it names no amount of any.
    """
    asked, announced, paid = (
        _list_lines([e for e in events if e.event_type in types])
        for types in ((PENDING, FAILED), (UPCOMING,), (MADE,))
    )
    from_file = {known.product_id: known.amount_cents} if known else {}
    lines = ({} if known else paid) | from_file | announced | asked
    named = {product for product in lines if product}
    if "" in lines and named:
        whole = lines.pop("")
        if len(named) == 1 and "" in asked:
            lines[named.pop()] = whole
    return lines


def _list_lines(events: Sequence[OrderEvent]) -> dict[str, int]:
    """Product -> cents by the last event that names it, and what a transaction sums up to beyond its products."""
    lines: dict[str, int] = {}
    totals: dict[str, tuple[int, dict[str, int]]] = {}
    for event in events:
        if not event.lines:
            lines[event.product] = event.amount_cents or 0
            continue
        lines |= dict(event.lines)
        _, named = totals.get(event.transaction_id, (0, {}))
        totals[event.transaction_id] = event.amount_cents or 0, named | dict(event.lines)
    rests = {f"{REST}{key}": total - sum(named.values()) for key, (total, named) in totals.items()}
    return lines | {name: cents for name, cents in rests.items() if cents > 0}
