"""All events of an order, put together: the same events give the same picture, in whatever order they came.

The contract is that of the IPN (design: "Orders in"): one receivable per rate, whose principal pending, made and
failed events share; one payment per transaction; refunds and chargebacks by their absolute amount.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from dunning.rules.incoming import OfPlatform, name_former, name_transaction
from dunning.rules.orders.events import (
    CANCELLED,
    FAILED,
    FAILED_BACK,
    MADE,
    MONEY_BACK,
    SALES,
    TRIAL,
    UPCOMING,
    WENT_BACK,
    MoneyBackKind,
    OrderEvent,
    Verdict,
)
from dunning.rules.orders.lines import KnownRate, fold_lines

TELLING = (*SALES, *MONEY_BACK, UPCOMING, CANCELLED)
# Columns that are one fact together: half of an old address and half of a new one is nobody's.
NAME_FIELDS = ("first_name", "last_name", "company")
ADDRESS_FIELDS = ("street", "house_number", "details", "zipcode", "city", "country")
_GROUPS = (NAME_FIELDS, ADDRESS_FIELDS)

ONE_TIME, SUBSCRIPTION = "one_time_payment", "abonnement"
# why an event was not applied; the first two end by themselves
SALE_UNKNOWN, NOT_YET = "sale unknown", "its day has not come"
NO_AMOUNT, NO_DEBT, UNKNOWN_TYPE = "nothing to be paid", "a trial owes nothing", "unknown event type"
FAILED_THERE, OTHER_VENDOR = "it failed, the platform says", "the order belongs to another vendor"
UNKNOWN_STATUS = "nobody knows the payment_status "


@dataclass(frozen=True)
class Rate:
    """One receivable as the events tell it."""

    rate_number: int
    amount_cents: int
    due_date: dt.date | None
    failed_on: dt.date | None


@dataclass(frozen=True)
class Paid(OfPlatform):
    """Money that came in, in the shape of a payment from a file."""

    order_id: str
    rate_number: int
    amount_cents: int
    currency: str
    value_date: dt.date
    transaction_id: str | None
    identity: str
    former: str = ""
    reference: str = ""


@dataclass(frozen=True)
class MoneyBack:
    """A part of a refund or chargeback that belongs to one rate; `kind` is the ledger's, cents are positive.

    `told_cents` is all of what the event gave back.
    """

    kind: MoneyBackKind
    transaction: str
    product_id: str
    told_cents: int
    value_date: dt.date
    rate_number: int = 0
    cents: int = 0


@dataclass(frozen=True)
class OrderPicture:
    """What is known of an order. `fields` holds only what some event has told."""

    fields: dict[str, Any]
    rates: tuple[Rate, ...]
    payments: tuple[Paid, ...]
    money_back: tuple[MoneyBack, ...]
    # the order is cancelled; of a subscription only what is due after a day is
    cancelled_on: dt.date | None
    ends_after: dt.date | None
    verdicts: dict[str, Verdict]


def fold_order(
    events: Iterable[OrderEvent],
    known: Mapping[int, KnownRate] = MappingProxyType({}),
    plan: str = ONE_TIME,
) -> OrderPicture:
    """The picture that the events of one order give.

    `known` are the rates that came from elsewhere, `plan` is the payment plan where no event tells it, "" when nobody
    does.
    """
    ranked = sorted({event.key: event for event in events}.values(), key=lambda e: e.rank)
    picture = _Fold([event for event in ranked if not event.unclear], known, plan).picture()
    unclear = {event.key: Verdict("waiting", event.unclear[0]) for event in ranked if event.unclear}
    return replace(picture, verdicts=picture.verdicts | unclear)


class _Fold:
    """Events by rank, the one that decides last."""

    def __init__(self, ranked: Sequence[OrderEvent], known: Mapping[int, KnownRate], plan: str) -> None:
        self.ranked, self.known, self.plan = ranked, known, plan
        self.fields = gather_fields([e for e in ranked if e.event_type in TELLING])
        announcing = [e for e in ranked if e.event_type in (*SALES, UPCOMING) and (e.amount_cents or 0) > 0]
        self.sold = bool(known) or any(e.event_type in SALES or _tells_sale(e) for e in announcing)
        self.announcing = announcing if self.sold else []
        self.rates = {number: self.fold_rate(number) for number in sorted({e.rate for e in self.announcing})}

    def picture(self) -> OrderPicture:
        cancelled = [e for e in self.ranked if e.event_type == CANCELLED and self.sold]
        plan = self.fields.get("payment_plan", self.plan)
        # nobody tells the plan, nor that there are so many instalments and no more
        open_ended = not plan and self.fields.get("rates", 1) == 1
        whole = cancelled if plan == ONE_TIME else []
        money_back = self.share_money_back()
        if self.announcing:
            self.fields["order_date"] = self.order_date
        return OrderPicture(
            fields=self.fields,
            rates=tuple(self.rates.values()),
            payments=tuple(self.pay(e) for e in list_newest(self.announcing) if e.event_type == MADE),
            money_back=tuple(money_back),
            cancelled_on=min((e.value_date for e in whole), default=None),
            ends_after=find_end(cancelled) if plan == SUBSCRIPTION or open_ended else None,
            verdicts={event.key: self.judge(event) for event in self.ranked},
        )

    @property
    def order_date(self) -> dt.date:
        """As some event says it, else the day of the first sale."""
        told = [e.order_date for e in self.ranked if e.order_date]
        return told[-1] if told else min(e.value_date for e in self.announcing)

    def fold_rate(self, number: int) -> Rate:
        """The principal is the sum of its products."""
        events = [e for e in self.announcing if e.rate == number]
        failed = [e.value_date for e in events if e.event_type == FAILED]
        return Rate(
            rate_number=number,
            amount_cents=sum(fold_lines(events, self.known.get(number)).values()),
            due_date=self.find_due(number, events),
            # the first attempt that failed: a second one moves no date of a dunning under way
            failed_on=min(failed, default=None),
        )

    def find_due(self, number: int, events: Sequence[OrderEvent]) -> dt.date | None:
        """As sent; else rate 1 on the order's date, a later one when it was first asked for or is announced for."""
        told = [e.due_date for e in events if e.due_date]
        if told:
            return told[-1]
        if number in self.known and self.known[number].due_date:
            return self.known[number].due_date
        if number == 1:
            return self.order_date
        asked = [e.value_date for e in events if e.event_type in SALES]
        if asked:
            return min(asked)
        before = [e for e in self.announcing if e.rate == number - 1]
        expected = [e.next_payment_at for e in (*before, *events) if e.next_payment_at]
        return expected[-1] if expected else None

    def pay(self, event: OrderEvent) -> Paid:
        transaction, cents = event.transaction_id, event.amount_cents or 0
        product = "" if event.lines else event.product
        return Paid(
            order_id=event.order_id,
            rate_number=event.rate,
            amount_cents=cents,
            currency=str(event.fields.get("currency") or self.fields.get("currency") or "EUR"),
            value_date=event.value_date,
            transaction_id=transaction or None,
            identity=name_transaction(transaction, event.order_id, cents, product)
            if transaction
            else event.identity,
            former=name_former(transaction) if transaction else "",
        )

    def share_money_back(self) -> list[MoneyBack]:
        """Refunds and chargebacks by rate. One that names no rate takes from the oldest due rate first."""
        shares: list[MoneyBack] = []
        back = [e for e in self.ranked if e.event_type in MONEY_BACK]
        # a later version may say that it failed; one that nobody understands says nothing
        newest = list_newest([e for e in back if e.payment_status in (*WENT_BACK, *FAILED_BACK)])
        went = [e for e in newest if e.payment_status in WENT_BACK]
        for event in filter(self.finds_sale, went):
            kind, cents = MONEY_BACK[event.event_type], abs(event.amount_cents or 0)
            if event.rate_number is not None:
                parts = [(event.rate_number, cents)]
            else:
                parts = split_amount(cents, self.list_room(kind, shares))
            about = MoneyBack(kind, event.transaction_id or event.key, event.product, cents, event.value_date)
            shares += [replace(about, rate_number=n, cents=part) for n, part in parts if part]
        return shares

    def list_room(self, kind: MoneyBackKind, shares: Sequence[MoneyBack]) -> list[tuple[int, int]]:
        """(rate, cents it can still give back), by due date."""
        rates = {number: (rate.due_date, rate.amount_cents) for number, rate in self.known.items()}
        rates |= {number: (rate.due_date, rate.amount_cents) for number, rate in self.rates.items()}
        ordered = sorted(rates, key=lambda n: (rates[n][0] or dt.date.max, n))
        taken = {n: sum(s.cents for s in shares if (s.kind, s.rate_number) == (kind, n)) for n in ordered}
        return [(number, max(rates[number][1] - taken[number], 0)) for number in ordered]

    def finds_sale(self, event: OrderEvent) -> bool:
        """Whether what the event takes back is known to have been sold."""
        known = self.rates.keys() | self.known.keys()
        return bool(known) if event.rate_number is None else event.rate_number in known

    def judge(self, event: OrderEvent) -> Verdict:
        if event.event_type == TRIAL:
            return Verdict("ignored", NO_DEBT)
        if event.event_type not in TELLING:
            return Verdict("ignored", UNKNOWN_TYPE)
        if event.event_type != CANCELLED and not self.has_amount(event):
            return Verdict("ignored", NO_AMOUNT)
        if event.event_type in MONEY_BACK and event.payment_status not in WENT_BACK:
            return judge_status(event.payment_status)
        found = self.finds_sale(event) if event.event_type in MONEY_BACK else self.sold
        return Verdict("applied") if found else Verdict("waiting", SALE_UNKNOWN)

    def has_amount(self, event: OrderEvent) -> bool:
        amount = event.amount_cents or 0
        return amount != 0 if event.event_type in MONEY_BACK else amount > 0


def find_end(cancelled: Sequence[OrderEvent]) -> dt.date | None:
    """The last day of what is still owed: a notice ends what is to come, never what was due before."""
    return (cancelled[-1].cancelled_for or cancelled[-1].value_date) if cancelled else None


def list_newest(ranked: Sequence[OrderEvent]) -> list[OrderEvent]:
    """Of several versions of one event the last. One that names no product says the same as one that does."""
    newest = {event.version_of: event for event in ranked}
    named = {(kind, number, cents) for kind, number, product, cents in newest if product}
    return [
        event
        for (kind, number, product, cents), event in newest.items()
        if product or (kind, number, cents) not in named
    ]


def judge_status(status: str) -> Verdict:
    """What becomes of money back that did not go back, or of which nobody knows whether it did."""
    if status in FAILED_BACK:
        return Verdict("ignored", FAILED_THERE)
    return Verdict("waiting", f"{UNKNOWN_STATUS}'{status}'")


def list_early(events: Iterable[OrderEvent], today: dt.date) -> set[str]:
    """Keys of what takes back money, or ends the order, on a day still to come: until then it has not happened."""
    dated = [e for e in events if e.event_type in MONEY_BACK or (e.event_type == CANCELLED and e.happened_at)]
    return {event.key for event in dated if event.value_date > today}


def gather_fields(ranked: Sequence[OrderEvent]) -> dict[str, Any]:
    """Each field from the last event that tells it; a name or an address as a whole."""
    fields: dict[str, Any] = {}
    for event in ranked:
        told = dict(event.fields)
        for group in _GROUPS:
            if told.keys() & set(group):
                told = dict.fromkeys(group, "") | told
        fields |= told
    return fields


def split_amount(cents: int, room: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Fills the rooms in order; what is left over goes to the last one."""
    shares: dict[int, int] = {}
    for number, limit in room:
        shares[number] = min(cents, limit)
        cents -= shares[number]
    shares[room[-1][0]] += cents
    return list(shares.items())


def _tells_sale(event: OrderEvent) -> bool:
    """An instalment announced with all that makes an order."""
    return event.order_date is not None and "payment_method" in event.fields
