"""What the platform tells of an order, one event at a time: already checked, not yet put together.

Amounts are integer cents as they were sent, days are local dates. `rules.order_picture` folds all events of an order.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from dunning.rules.terms import Outcome

MoneyBackKind = Literal["refund", "chargeback"]

MADE, PENDING, FAILED = "payment.made", "payment.pending", "payment.failed"
REFUNDED, CHARGED_BACK = "payment.refunded", "payment.charged_back"
CANCELLED, UPCOMING, TRIAL = "payment.recurring.cancelled", "payment.recurring.upcoming", "payment.trial"
SALES = (MADE, PENDING, FAILED)
# event type -> the ledger entry that gives the money back
MONEY_BACK: dict[str, MoneyBackKind] = {REFUNDED: "refund", CHARGED_BACK: "chargeback"}

# what the platform calls money that went back; without a word it did. Other words are for a person.
WENT_BACK = (
    "",
    "refunded",
    "partially_refunded",
    "charged_back",
    "chargeback",
    "paid",
    "completed",
    "succeeded",
)
FAILED_BACK = ("failed_refunded", "refund_failed", "chargeback_failed", "failed_charged_back", "failed")

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class OrderEvent:
    """One event. What was not sent is None, or not in `fields`.

    `key` is the SHA-256 of the body, by which it is stored once; `identity` that of a payment without a transaction.
    `value_date` is the transaction's day, else the day it was processed, else the day it was received.
    """

    key: str
    event_type: str
    order_id: str
    identity: str
    value_date: dt.date
    transaction_id: str = ""
    happened_at: dt.datetime | None = None
    amount_cents: int | None = None
    rate_number: int | None = None
    order_date: dt.date | None = None
    due_date: dt.date | None = None
    next_payment_at: dt.date | None = None
    # of a cancelled subscription: the last day of what is still owed
    cancelled_for: dt.date | None = None
    payment_status: str = ""
    # (product_id, cents) of each product it names an amount of
    lines: tuple[tuple[str, int], ...] = ()
    # columns of the order and its buyer: "payment_method", "last_name" and so on
    fields: dict[str, Any] = field(default_factory=dict)
    # what could not be read: of no weight, and what keeps the event from being applied
    odd: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()

    @property
    def rate(self) -> int:
        """A one-off order is its only rate."""
        return self.rate_number or 1

    @property
    def product(self) -> str:
        """What it is about; "" when it does not say."""
        return str(self.fields.get("product_id") or "")

    @property
    def version_of(self) -> tuple[str, str, str, int]:
        """What it speaks of: the greatest of the events that speak of the same counts.

        Its type, transaction, product and cents; without a transaction it is one of its own.
        """
        if not self.transaction_id:
            return self.event_type, "", self.key, 0
        return (
            self.event_type,
            self.transaction_id,
            "" if self.lines else self.product,
            abs(self.amount_cents or 0),
        )

    @property
    def rank(self) -> tuple[dt.datetime, str, str, str]:
        """The greatest of an order's events says what the order and its buyer are like now."""
        return self.happened_at or _NEVER, self.event_type, self.transaction_id, self.key


@dataclass(frozen=True)
class Verdict:
    """What became of an event; `reason` is empty when it was applied."""

    state: Outcome
    reason: str = ""


_events = TypeAdapter(OrderEvent)


def freeze_event(event: OrderEvent) -> dict[str, Any]:
    """The event as plain JSON values, for the inbox."""
    frozen: dict[str, Any] = _events.dump_python(event, mode="json")
    return frozen


def thaw_event(frozen: dict[str, Any]) -> OrderEvent:
    """The event that `freeze_event` froze; ValueError when it is none."""
    return _events.validate_python(frozen)
