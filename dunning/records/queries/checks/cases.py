"""What must hold of cases: their sums, their history, what a handover needs, whose they are, their distances."""

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from dunning.records.cases import Case, Letter, Step
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.records.orders import Buyer, LedgerEntry, Order, Payment, Receivable
from dunning.records.partner import CancellationRequest, Hold, Mandate, PartnerNews, PartnerQuestion
from dunning.rules.policy import Policy
from dunning.rules.statuses import CHANGES, HANDED_OVER, SUPPORT
from dunning.rules.terms import FIRST_LETTER, HANDOVER, LETTERS, SECOND_LETTER, CaseStatus

_CHANGES = {
    (change.source, change.target, change.verb, actor) for change in CHANGES for actor in change.actors
}
_SIDES = {"admin": SUPPORT}


def check_sums(session: Session, _policy: Policy, _now: dt.datetime) -> Iterator[str]:
    """The outstanding of a case is the sum of its entries up to the last day that touched it; so is `paid`."""
    total = func.coalesce(func.sum(LedgerEntry.cents), 0)
    known = and_(
        LedgerEntry.receivable_id == Case.receivable_id,
        or_(LedgerEntry.payment_id.is_(None), Payment.allocated_on.is_not(None)),
    )
    rows = session.execute(
        select(Case.id, Case.outstanding_cents, total)
        .outerjoin(LedgerEntry, LedgerEntry.receivable_id == Case.receivable_id)
        .outerjoin(Payment, Payment.id == LedgerEntry.payment_id)
        .where(known)
        .group_by(Case.id, Case.outstanding_cents)
        .having(Case.outstanding_cents != total)
    )
    for case_id, kept, added in rows:
        yield f"case {case_id} shows {kept} cents outstanding, its entries sum to {added}"


def check_handed_over(session: Session, _policy: Policy, _now: dt.datetime) -> Iterator[str]:
    """A case at the partner has exactly one accepted handover in its round, and both letters or a chargeback."""
    done = aliased(Step)
    handovers = (
        select(func.count())
        .where(done.receivable_id == Case.receivable_id, done.kind == HANDOVER, done.state == "done")
        .where(done.round >= Case.round)
        .scalar_subquery()
    )
    letters = (
        select(func.count(func.distinct(Step.kind)))
        .where(Step.receivable_id == Case.receivable_id, Step.kind.in_(LETTERS), Step.state == "done")
        .scalar_subquery()
    )
    rows = session.execute(
        select(Case.id, handovers, letters, Case.chargeback).where(Case.status == HANDED_OVER)
    )
    for case_id, accepted, written, chargeback in rows:
        if accepted != 1:
            yield f"case {case_id} is handed over with {accepted} accepted handovers"
        if written != len(LETTERS) and not chargeback:
            yield f"case {case_id} is handed over after {written} letters"


def check_history(session: Session, _policy: Policy, _now: dt.datetime) -> Iterator[str]:
    """A case's status is explained: its changes are a path in the table, each by who may, and end in the status."""
    rows = session.execute(
        select(
            History.case_id,
            History.from_status,
            History.to_status,
            History.verb,
            History.actor,
            Case.status,
        )
        .join(Case, Case.id == History.case_id)
        .where(History.to_status.is_not(None))
        .order_by(History.case_id, History.id)
    )
    last: dict[int | None, tuple[CaseStatus | None, CaseStatus]] = {}
    for case_id, source, target, verb, actor, status in rows:
        before = last.get(case_id, (None, status))[0]
        if source != before:
            yield f"case {case_id} went from {source} to {target} after {before}"
        elif (source, target, verb, _SIDES.get(actor, actor)) not in _CHANGES:
            yield f"case {case_id} went from {source} to {target} by {verb} of {actor}"
        last[case_id] = (target, status)
    for case_id, (target, status) in last.items():
        if target != status:
            yield f"case {case_id} is {status}, its history ends in {target}"
    silent = select(Case.id).where(
        Case.id.not_in(select(History.case_id).where(History.to_status.is_not(None)))
    )
    for case_id in session.scalars(silent):
        yield f"case {case_id} has no history"


def check_vendors(session: Session, _policy: Policy, _now: dt.datetime) -> Iterator[str]:
    """The vendor of a child is its parent's."""
    pairs = (
        (Receivable, Order, Receivable.order_pk == Order.id),
        (Buyer, Order, Buyer.order_pk == Order.id),
        (Case, Receivable, Case.receivable_id == Receivable.id),
        (Step, Receivable, Step.receivable_id == Receivable.id),
        (LedgerEntry, Receivable, LedgerEntry.receivable_id == Receivable.id),
        (Letter, Case, Letter.case_id == Case.id),
        (Effect, Receivable, Effect.receivable_id == Receivable.id),
        (Mandate, Case, Mandate.case_id == Case.id),
        (PartnerNews, Case, PartnerNews.case_id == Case.id),
        (PartnerQuestion, Case, PartnerQuestion.case_id == Case.id),
        (Hold, Case, Hold.case_id == Case.id),
        (CancellationRequest, Case, CancellationRequest.case_id == Case.id),
    )
    for child, parent, joined in pairs:
        strays = select(child.id).join(parent, joined).where(child.vendor_id != parent.vendor_id)
        for key in session.scalars(strays):
            yield f"{child.__tablename__} {key} has another vendor than its {parent.__tablename__}"


def check_distances(session: Session, policy: Policy, _now: dt.datetime) -> Iterator[str]:
    """Letters and the handover of a receivable keep their distances."""
    rows = session.execute(
        select(Step.receivable_id, Step.kind, Step.done_on)
        .where(Step.kind.in_((*LETTERS, HANDOVER)), Step.state == "done")
        .order_by(Step.receivable_id, Step.done_on, Step.id)
    ).all()
    for (one, kind, day), (other, next_kind, next_day) in pairwise(rows):
        if one != other or day is None or next_day is None:
            continue
        least = (
            policy.steps.second_letter.gap_days if (kind, next_kind) == (FIRST_LETTER, SECOND_LETTER) else 1
        )
        if (next_day - day).days < least:
            yield f"receivable {one}: {next_kind} {(next_day - day).days} days after {kind}"
