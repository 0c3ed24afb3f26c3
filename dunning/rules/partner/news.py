"""What the partner tells about a mandate, and what it means here.

The partner's words are its own; a value that is not in these tables changes nothing and is shown to support as it came.
Amounts are integer cents, days are local dates.
"""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dunning.rules.partner.handover import SUBMISSIONS, PaymentMade
from dunning.rules.terms import StateField

# terminated: on our request or by the partner itself; unsuccessful: it ended and not everything was paid
Outcome = Literal["collecting", "paused", "terminated", "paid", "unsuccessful"]

ENDED = "ended"
FULLY_PAID = "fully_paid"
IN_PROGRESS, PAUSED = "in_progress", "paused"
PROCESSING: dict[str, Outcome] = {
    IN_PROGRESS: "collecting",
    PAUSED: "paused",
    "canceled_by_client": "terminated",
    "canceled_by_service_provider": "terminated",
}
AT_THE_END: dict[str, Outcome] = {
    "unpaid": "unsuccessful",
    "partially_paid": "unsuccessful",
    FULLY_PAID: "paid",
}
EXTRAJUDICIAL = "extrajudicial"
LEGAL_STAGES = (EXTRAJUDICIAL, "judicial_dunning", "foreclosure", "long_term_monitoring", ENDED)
OVER: frozenset[Outcome | None] = frozenset({"terminated", "paid", "unsuccessful"})
# the fields whose changes are news, with the value a new mandate has
FIRST_VALUES: dict[StateField, str] = {
    "legal_stage": EXTRAJUDICIAL,
    "processing_state": IN_PROGRESS,
    "payment_state": "unpaid",
}
KNOWN_VALUES: dict[str, frozenset[str]] = {
    "submission_state": frozenset(SUBMISSIONS),
    "legal_stage": frozenset(LEGAL_STAGES),
    "processing_state": frozenset({*PROCESSING, ENDED}),
    "payment_state": frozenset(AT_THE_END),
}
# webhooks by what they are about; any other event is stored and ignored
EVENTS: dict[str, tuple[str, ...]] = {
    "mandate": (
        "created",
        "updated",
        "status_updated",
        "closed",
        "balance_updated",
        "message_created",
    ),
    "claim": ("created", "updated"),
    "payment": ("created", "updated"),
    "statement": ("created", "updated"),
    "request_to_client": ("created", "answered"),
}


@dataclass(frozen=True)
class Subject:
    """What a webhook says is to be looked at; without either everything."""

    mandate_id: str = ""
    claim_id: str = ""


@dataclass(frozen=True)
class PartnerPayment:
    """A payment as the partner has it. `reference` is ours: with one we reported it ourselves."""

    id: str
    cents: int
    value_date: dt.date
    reference: str = ""
    currency: str = "EUR"


@dataclass(frozen=True)
class Update:
    """A line of the partner's own news about a mandate; `content` is the whole of it."""

    title: str
    description: str
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The partner's id of it, without one the hash of its content."""
        if self.content.get("id"):
            return f"update:{self.content['id']}"
        text = json.dumps(dict(self.content), sort_keys=True, default=str)
        return f"update:{hashlib.sha256(text.encode()).hexdigest()}"


@dataclass(frozen=True)
class Question:
    """A question of the partner; `answered` is its own word. `content` is the whole of it."""

    request_id: str
    title: str
    description: str
    answer_types: tuple[str, ...]
    answered: bool
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MandateNews:
    """A mandate as the partner answered, read once; `answer` is all of it.

    `payments` None: the answer says nothing of them, which is not that there are none.
    """

    mandate_id: str
    claim_ids: tuple[str, ...]
    reference_number: str = ""
    legal_stage: str = ""
    processing_state: str = ""
    payment_state: str = ""
    principal: int = 0
    interest: int = 0
    costs: int = 0
    balance: int = 0
    paid: int = 0
    payments: tuple[PartnerPayment, ...] | None = None
    updates: tuple[Update, ...] = ()
    updated: dt.datetime | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome | None:
        return map_mandate(self.processing_state, self.payment_state)


def map_mandate(processing_state: str, payment_state: str) -> Outcome | None:
    """Where the mandate stands; None for a value we do not know: nothing changes then."""
    if processing_state == ENDED:
        return AT_THE_END.get(payment_state)
    return PROCESSING.get(processing_state)


def find_subject(event: str, data: Mapping[str, Any]) -> Subject | None:
    """What a webhook is about; None for an event we do not know.

    How `data` names things is not documented: by the thing's own name, with `_id`, or as `id` of the event's subject.
    """
    about, _, what = event.partition(".")
    if what not in EVENTS.get(about, ()):
        return None
    found = {name: _find_id(data, name, about) for name in ("mandate", "claim")}
    return Subject(found["mandate"], found["claim"])


def _find_id(data: Mapping[str, Any], name: str, about: str) -> str:
    values = [data.get(name), data.get(f"{name}_id"), data.get("id") if about == name else None]
    ids = (value.get("id") if isinstance(value, Mapping) else value for value in values)
    return next((str(key) for key in ids if isinstance(key, str | int) and key), "")


def is_known(name: str, value: str) -> bool:
    """Whether a value of one of the partner's state fields is documented; empty is nothing said."""
    return not value or value in KNOWN_VALUES[name]


def list_changes(
    before: Mapping[StateField, str], now: Mapping[StateField, str]
) -> Iterator[tuple[StateField, str]]:
    """(field, new value) of every state that is news; a new mandate's first values are none."""
    for name, first in FIRST_VALUES.items():
        if now[name] and now[name] != (before.get(name) or first):
            yield name, now[name]


def choose_foreign(
    payments: Iterable[PartnerPayment], told: Iterable[PaymentMade]
) -> tuple[PartnerPayment, ...]:
    """The payments the partner received itself: without our reference, and not among those our claim told of.

    `told` went along with the claim; a partner that lists them again gives them ids of its own.
    """
    known = Counter((payment.cents, payment.value_date) for payment in told)
    foreign = []
    for payment in payments:
        if payment.reference or payment.cents == 0:
            continue
        if known[payment.cents, payment.value_date] > 0:
            known[payment.cents, payment.value_date] -= 1
            continue
        foreign.append(payment)
    return tuple(foreign)
