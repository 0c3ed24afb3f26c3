"""What must hold of what goes out and comes in: effects and the inbox."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.inbox import InboxEvent
from dunning.records.journal import History
from dunning.records.partner import PartnerDelivery
from dunning.records.queries.outage import find_outage
from dunning.rules.effect_states import IN_HAND, UNDER_WAY
from dunning.rules.policy import Policy
from dunning.rules.statuses import BLOCKED, TERMINAL

LATE = dt.timedelta(minutes=15)
# a webhook is given up after an hour
LOST = dt.timedelta(hours=2)
LONG_IN_DOUBT = dt.timedelta(hours=24)


def check_effects(session: Session, _policy: Policy, _now: dt.datetime) -> Iterator[str]:
    """At most one of (sending, done, in_doubt) per receivable, step kind and round."""
    under_way = Effect.state.in_(UNDER_WAY)
    rows = session.execute(
        select(Effect.step_id, func.count())
        .where(under_way, Effect.step_id.is_not(None))
        .group_by(Effect.step_id)
        .having(func.count() > 1)
    )
    for step_id, number in rows:
        yield f"step {step_id} has {number} effects sent or being sent"


def check_silence(session: Session, _policy: Policy, _now: dt.datetime) -> Iterator[str]:
    """Nothing began to go out for a case that was over or blocked: its history up to that moment tells."""
    status_then = (
        select(History.to_status)
        .where(History.case_id == Case.id, History.to_status.is_not(None), History.id <= Effect.sent_after)
        .order_by(History.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Effect.id, Effect.kind, Case.id, status_then)
        .join(Case, Case.receivable_id == Effect.receivable_id)
        .where(Effect.sent_after.is_not(None), status_then.in_((*TERMINAL, BLOCKED)))
        .order_by(Effect.id)
    )
    for effect_id, kind, case_id, status in rows:
        yield f"effect {effect_id}, {kind}, went out while case {case_id} was {status}"


def check_delays(session: Session, _policy: Policy, now: dt.datetime) -> Iterator[str]:
    """What the machine carries out is under way, or has an error; what is in doubt does not wait for ever."""
    unnoticed = and_(Effect.state == "due", Effect.last_error == "", Effect.not_before < now - LATE)
    abandoned = and_(Effect.state.in_(IN_HAND), Effect.lease_until < now - LATE)
    in_doubt = and_(Effect.state == "in_doubt", Effect.not_before < now - LONG_IN_DOUBT)
    query = select(Effect.id, Effect.kind, Effect.state, Effect.not_before)
    for effect_id, kind, state, since in session.execute(
        query.where(or_(unnoticed, abandoned, in_doubt)).order_by(Effect.id)
    ):
        yield f"effect {effect_id}, {kind}, is {state}, waiting since {since.isoformat(timespec='minutes')}"
    yield from _check_failed(session, now)
    yield from _check_outage(session, now)


def _check_outage(session: Session, now: dt.datetime) -> Iterator[str]:
    outage = find_outage(session)
    if outage and outage.since < now:
        since = outage.since.isoformat(timespec="minutes")
        yield f"the mail server is away since {since}, {outage.waiting} e-mails wait: {outage.said}"


def _check_failed(session: Session, now: dt.datetime) -> Iterator[str]:
    """In one line, for it may be many at once."""
    failed = (Effect.state == "failed", Effect.not_before < now)
    number, since = session.execute(select(func.count(), func.min(Effect.not_before)).where(*failed)).one()
    if number:
        yield f"{number} effects have failed and wait for a person, since {since.isoformat(timespec='minutes')}"


def check_inbox(session: Session, _policy: Policy, now: dt.datetime) -> Iterator[str]:
    """Every event was applied, ignored or waits, the last two with a reason; none lies there unread."""
    unread = and_(InboxEvent.state == "new", InboxEvent.received_at < now - LATE)
    unexplained = and_(InboxEvent.state.in_(("ignored", "waiting")), InboxEvent.reason == "")
    undated = and_(InboxEvent.state == "applied", InboxEvent.applied_at.is_(None))
    query = select(InboxEvent.id, InboxEvent.event_type, InboxEvent.state, InboxEvent.reason)
    for event_id, event_type, state, reason in session.execute(
        query.where(or_(unread, unexplained, undated)).order_by(InboxEvent.id)
    ):
        yield f"event {event_id}, {event_type}, is {state}: {reason or 'nobody knows why'}"
    yield from _check_deliveries(session, now)


def _check_deliveries(session: Session, now: dt.datetime) -> Iterator[str]:
    """The same of the partner's webhooks: looked at, or given up with a reason once the poll has looked."""
    forgotten = and_(PartnerDelivery.state == "new", PartnerDelivery.received_at < now - LOST)
    unexplained = and_(PartnerDelivery.state == "ignored", PartnerDelivery.reason == "")
    query = select(PartnerDelivery).where(or_(forgotten, unexplained)).order_by(PartnerDelivery.id)
    for row in session.scalars(query):
        yield f"webhook {row.id}, {row.event}, is {row.state}: {row.reason or 'nobody knows why'}"
