"""What the platform tells of one order, and what has become of it."""

import datetime as dt
import itertools

from dunning.actions.orders.take_events import apply_inbox
from dunning.rules.money.claim import sum_entries
from tests.builders import (
    a_desk,
    after,
    find_receivable,
    read_dossier,
)
from tests.events import an_ipn, put_event, read_inbox, write_ipn

ORDER = "M6B5zL7i"
numbers = itertools.count(1)
PLAN = {"payment_plan": "breakdown_payment", "total_number_of_payments": 6}


def arrive(vendor_id: int, event_type: str, day: int = 0, amount: object = 100, **changes) -> None:
    """An event of a transaction so many days after the order's date; it waits in the inbox."""
    on = after(day)
    fields = {
        "transaction_date": on.isoformat(),
        "transaction_processed_at": f"{on}T10:00:00",
        "transaction_id": f"T{next(numbers)}",
        "transaction_amount": amount,
    }
    body = write_ipn(an_ipn(event_type, **fields | changes))
    now = dt.datetime.combine(on, dt.time(9), dt.UTC)
    put_event(vendor_id, body, now)


def tell(
    vendor_id: int, event_type: str, day: int = 0, amount: object = 100, *, on: int = 90, **changes
) -> None:
    """The same, applied on a day."""
    arrive(vendor_id, event_type, day, amount, **changes)
    assert apply_inbox(a_desk(after(on))) == 0


def ledger(rate_number: int = 1) -> dict[tuple[str, dt.date], int]:
    """Cents by what they are and their value date, once everything taken back is taken off."""
    sums: dict[tuple[str, dt.date], int] = {}
    for entry in read_dossier(find_receivable(ORDER, rate_number)).read_facts().entries:
        key = (entry.subject, entry.value_date)
        sums[key] = sums.get(key, 0) + entry.cents
    return {key: cents for key, cents in sums.items() if cents}


def outstanding(on: int = 90, rate_number: int = 1) -> int:
    return sum_entries(
        read_dossier(find_receivable(ORDER, rate_number)).read_facts().entries, after(on)
    ).outstanding


def states() -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in read_inbox()]
