"""What the events of an agency without an API add up to, in the words of the documented API."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from dunning.outside.partner_answers import (
    Balance,
    ClaimAnswer,
    MandateAnswer,
    MandateClaim,
    Money,
    PaymentAnswer,
    StatusUpdate,
)
from dunning.outside.partner_events import PartnerEvent

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
    paid = any(event.event == "paid" for event in events)
    return MandateAnswer(
        id=mandate,
        reference_number=mandate,
        legal_stage=find_last(events, STAGES),
        processing_state=find_last(events, PROCESSINGS),
        payment_state="fully_paid" if paid else "partially_paid" if payments else "unpaid",
        legal_claim_balance=find_balance(total, events, payments),
        claims=[MandateClaim(id=reference, payments=payments)],
        status_updates=list_updates(events),
        updated=date_news(events),
    )


def find_last(events: Sequence[PartnerEvent], words: Mapping[str, str]) -> str | None:
    """The word for the last event that has one."""
    return next((words[event.event] for event in reversed(events) if event.event in words), None)


def list_payments(events: Sequence[PartnerEvent]) -> list[PaymentAnswer]:
    """Payments that stayed; one taken back takes away the last of its amount."""
    payments: list[PaymentAnswer] = []
    for event in events:
        if event.event == "payment" and event.cents is not None and event.value_date:
            amount = write_money(event.cents)
            payments.append(PaymentAnswer(id=event.identity, amount=amount, value_date=event.value_date))
        elif event.event == "payment_reversed":
            taken = [p for p in payments if p.amount.cents == abs(event.cents or 0)]
            payments = [p for p in payments if p not in taken[-1:]]
    return payments


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
