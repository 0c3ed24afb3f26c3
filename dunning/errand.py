"""An effect on its way: as it is put into the outbox, and as it stands in a worker's hands."""

import datetime as dt
from dataclasses import dataclass, field, fields
from typing import Any

from dunning.records.effects import Effect
from dunning.rules.terms import EffectKind


class LostLease(Exception):
    """The effect was taken again while this worker was away; what it found out no longer counts."""


@dataclass(frozen=True)
class Errand:
    """An effect in this worker's hands, as it stood when taken."""

    id: int
    kind: EffectKind
    reference: str
    on_date: dt.date
    pinned: bool
    attempt: int
    phase: str | None
    payload: dict[str, Any]
    evidence: dict[str, Any]


@dataclass(frozen=True)
class ReceivableErrand(Errand):
    """One that is about a receivable and no step of it: what the partner is told. Others are notices."""

    vendor_id: int
    receivable_id: int
    # what a message to the partner is about
    claim_id: str | None
    mandate_id: str | None


@dataclass(frozen=True)
class StepErrand(ReceivableErrand):
    """One that carries out a step of a receivable."""

    step_id: int


@dataclass(frozen=True)
class Outgoing:
    """What is to leave the house: with a step its carrying out, without one a message, without a receivable a notice.

    `pinned`: it keeps its business day however late it runs; that day is the desk's unless `on_date` says otherwise.
    """

    kind: EffectKind
    vendor_id: int | None
    dedupe_key: str
    receivable_id: int | None = None
    step_id: int | None = None
    # what a message to the partner is about; none while it waits for the claim's review
    claim_id: str | None = None
    mandate_id: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    on_date: dt.date | None = None
    not_before: dt.datetime | None = None
    pinned: bool = True


def read_errand(effect: Effect) -> Errand:
    """The effect as it stands."""
    about = ReceivableErrand if effect.step_id is None else StepErrand
    kind = Errand if effect.receivable_id is None else about
    values = {field.name: getattr(effect, field.name) for field in fields(kind)}
    return kind(**values | {"payload": dict(effect.payload), "evidence": dict(effect.evidence)})
