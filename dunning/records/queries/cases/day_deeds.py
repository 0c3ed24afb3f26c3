"""What happened on one business day, receivable by receivable: what a rehearsal has to tell."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dunning.records.cases import Step
from dunning.records.journal import History
from dunning.records.orders import Order, Receivable
from dunning.rules.terms import CaseStatus, StepKind, StepState, Verb


@dataclass(frozen=True, order=True)
class Deed:
    """A step and its state, or the verb that changed a case and its new status."""

    order_id: str
    rate_number: int
    kind: StepKind | Verb
    state: StepState | CaseStatus


def list_deeds(session: Session, on: dt.date) -> Iterator[Deed]:
    """Steps made or done on the day, and changes of status."""
    of_order = select(Order.order_id, Receivable.rate_number).join(
        Receivable, Receivable.order_pk == Order.id
    )
    steps = (
        of_order.add_columns(Step.kind, Step.state)
        .join(Step, Step.receivable_id == Receivable.id)
        .where(or_(Step.created_on == on, Step.done_on == on))
    )
    changes = (
        of_order.add_columns(History.verb, History.to_status)
        .join(History, History.receivable_id == Receivable.id)
        .where(History.on_date == on, History.to_status.is_not(None))
    )
    for query in (changes, steps):
        for row in session.execute(query):
            yield Deed(*row)
