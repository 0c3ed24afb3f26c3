"""What the events of an agency without an API add up to, in the words of the documented API."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from dunning.outside.agency.events import PartnerEvent
from dunning.outside.partner.answers import (
    Balance,
    ClaimAnswer,
    MandateAnswer,
    MandateClaim,
    Money,
    PaymentAnswer,
    StatusUpdate,
)

SUBMISSIONS = {"under_review": "under_review", "accepted": "accepted", "rejected": "rejected"}
PROCESSINGS = {
    "accepted": "in_progress",
    "paused": "paused",
    "resumed": "in_progress",
    "paid": "ended",
    "ended": "ended",
    "cancelled": "canceled_by_client",
    "withdrawn": "canceled_by_service_provider",
}
STAGES = {
    "accepted": "extrajudicial",
    "court": "judicial_dunning",
    "foreclosure": "foreclosure",
    "monitoring": "long_term_monitoring",
    "paid": "ended",
    "ended": "ended",
}
# "paid" counts until the agency takes its work up again or has to give money back
PAID_UP = {"paid": "fully_paid", "resumed": "", "payment_reversed": ""}


def judge_claim_events(reference: str, events: Sequence[PartnerEvent]) -> ClaimAnswer:
    """A claim that was handed over; without any event it waits for review. `events` in order."""
    state = find_last(events, SUBMISSIONS) or "released"
    mandate = next((event.mandate for event in events if event.event == "accepted"), None)
    told = [event for event in events if event.event == "rejected"]
    return ClaimAnswer(
        id=reference,
        submission_state=state,
        mandate=mandate if state == "accepted" else None,
        your_reference=reference,
        status_updates=list_updates(told),
    )


def judge_mandate_events(
    mandate: str, reference: str, total: int, events: Sequence[PartnerEvent]
) -> MandateAnswer:
    """The accepted claim of `total` cents as the agency works on it; its file number is the mandate itself."""
    payments = list_payments(events)
    return MandateAnswer(
        id=mandate,
        reference_number=mandate,
        legal_stage=find_last(events, STAGES),
        processing_state=find_last(events, PROCESSINGS),
        payment_state=find_last(events, PAID_UP) or ("partially_paid" if payments else "unpaid"),
        legal_claim_balance=find_balance(total, events, payments),
        claims=[MandateClaim(id=reference, payments=payments)],
        status_updates=list_updates(events),
        updated=date_news(events),
    )


def find_last(events: Sequence[PartnerEvent], words: Mapping[str, str]) -> str | None:
    """The word for the last event that has one."""
    return next((words[event.event] for event in reversed(events) if event.event in words), None)


def list_payments(events: Sequence[PartnerEvent]) -> list[PaymentAnswer]:
    """Payments, or what stayed of them."""
    payments: list[PaymentAnswer] = []
    for event in events:
        if event.event == "payment" and event.cents is not None and event.value_date:
            amount = write_money(event.cents)
            payments.append(PaymentAnswer(id=event.identity, amount=amount, value_date=event.value_date))
        elif event.event == "payment_reversed":
            payments = take_back(payments, abs(event.cents or 0))
    return payments


def take_back(payments: list[PaymentAnswer], cents: int) -> list[PaymentAnswer]:
    """What is left of the payments: the last of this amount is gone, without one the newest give it back in part."""
    if taken := [payment for payment in payments if payment.amount.cents == cents]:
        return [payment for payment in payments if payment is not taken[-1]]
    left = []
    for payment in reversed(payments):
        back = min(cents, payment.amount.cents)
        cents -= back
        if payment.amount.cents > back:
            left.append(payment.model_copy(update={"amount": write_money(payment.amount.cents - back)}))
    return left[::-1]


def find_balance(total: int, events: Sequence[PartnerEvent], payments: Sequence[PaymentAnswer]) -> Balance:
    """As last told; until then the claim as handed over less what was paid on it."""
    told = [event.cents for event in events if event.event == "balance" and event.cents is not None]
    paid = sum(payment.amount.cents for payment in payments)
    balance = told[-1] if told else total - paid
    return Balance(total_balance=write_money(balance), total_payment=write_money(paid))


def list_updates(events: Sequence[PartnerEvent]) -> list[StatusUpdate]:
    """One line of news per event, with an id that stays."""
    return [
        StatusUpdate.model_validate(
            {
                "id": event.identity,
                "title": event.event,
                "description": event.reason or None,
                "created": event.date.isoformat(),
            }
        )
        for event in events
    ]


def date_news(events: Sequence[PartnerEvent]) -> dt.datetime:
    """Midnight of the last event's day plus a microsecond per event: later whenever there is more."""
    day = max(event.date for event in events)
    return dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(microseconds=len(events))


def write_money(cents: int) -> Money:
    """Cents as the API writes them."""
    return Money(value=Decimal(cents) / 100)
