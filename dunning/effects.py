"""The queue that counts: put, take, finish, postpone, doubt. RQ only rings for what stands here.

Every change is one conditional UPDATE that names what its author saw (state, attempt): a worker that was away past its
lease finds no row and changes nothing.
"""

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, not_, or_, select, update
from sqlalchemy.orm import Session

from dunning.errand import Errand, LostLease, Outgoing, StepErrand, read_errand
from dunning.fuse import MAIL
from dunning.records.cases import Case
from dunning.records.database import db, transaction
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.records.orders import Receivable
from dunning.records.partner import Breaker
from dunning.rules.effect_states import (
    IN_HAND,
    MAIL_AWAY,
    OPEN,
    SENT_AGAIN,
    WAITING,
    check_sources,
    list_sources,
)
from dunning.rules.terms import EffectState
from dunning.work import Work

States = Collection[EffectState]
# how long nobody else takes up what a worker that died had in hand
LEASE = dt.timedelta(seconds=90)
# a mail server may take its time over a body and its final answer
DATA_LEASE = dt.timedelta(minutes=10)
# no lease and no pause is as long: one that ends later was given by a clock that was wrong
NO_LEASE = dt.timedelta(days=1)
BACK_OFF = (dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2))
MOST_ATTEMPTS = 12


def put(work: Work, outgoing: Outgoing) -> Effect:
    """Writes the effect in the verb's transaction; after the commit it is rung for."""
    effect = Effect(**vars(outgoing), reference=secrets.token_hex(12), created_at=work.now)
    effect.on_date, effect.not_before = outgoing.on_date or work.today, outgoing.not_before or work.now
    work.session.add(effect)
    work.session.flush()
    work.session.ring.effects.append(effect.id)
    return effect


def _ready(now: dt.datetime) -> ColumnElement[bool]:
    """Due, or left behind by a worker whose lease ran out. In an outage what waits for the mail server is not due."""
    away = (Breaker.name == MAIL, Breaker.paused_until > now, Breaker.paused_until < now + NO_LEASE)
    paused = select(Breaker.name).where(*away).exists()
    free = or_(Effect.phase.is_distinct_from(MAIL_AWAY), not_(paused))
    waiting = and_(Effect.state.in_(WAITING), Effect.not_before <= now, free)
    over = or_(Effect.lease_until < now, Effect.lease_until > now + NO_LEASE)
    abandoned = and_(Effect.state.in_(IN_HAND), over)
    return or_(waiting, abandoned)


def list_ready(now: dt.datetime, limit: int = 500, *, on_date: dt.date | None = None) -> Sequence[int]:
    """Ids of what could be taken now, oldest first; with `on_date` only that business day's."""
    query = select(Effect.id).where(_ready(now)).order_by(Effect.not_before, Effect.id).limit(limit)
    if on_date is not None:
        query = query.where(Effect.on_date == on_date)
    return db.session.scalars(query).all()


def count_open(on_date: dt.date) -> int:
    """How many effects of a business day are not finished. What waits for others is not ours to finish."""
    away = Effect.phase.is_not_distinct_from(MAIL_AWAY)
    theirs = and_(Effect.state == "retry_wait", or_(Effect.their_turn, away))
    query = select(func.count()).where(Effect.on_date == on_date, Effect.state.in_(OPEN), not_(theirs))
    return db.session.scalar(query) or 0


def take(effect_id: int, now: dt.datetime, today: dt.date) -> Errand | None:
    """Takes the effect for one lease; None when it is not ready or somebody else was faster.

    An effect that is not pinned moves to `today`: a letter sent a day late is dated that day.
    """
    with transaction() as session:
        taken = session.execute(
            update(Effect)
            .where(Effect.id == effect_id, _ready(now))
            .values(state="taken", attempt=Effect.attempt + 1, lease_until=now + LEASE)
            .returning(Effect.id)
        ).first()
        if taken is None:
            return None
        effect = session.get_one(Effect, effect_id, populate_existing=True)
        if not effect.pinned and effect.phase != "data":
            effect.on_date = max(effect.on_date, today)
        return read_errand(effect)


def change(session: Session, errand: Errand, **values: object) -> None:
    """Updates the effect if it is still this worker's; raises LostLease otherwise. Its state stays."""
    if not _update(session, errand, IN_HAND, values):
        raise LostLease(errand.id)


def _move(session: Session, errand: Errand, function: str, state: EffectState, **values: object) -> None:
    """Leads it to another state as the table allows; raises LostLease when it is not this worker's any more."""
    if not _update(session, errand, list_sources(function, state), {"state": state, **values}):
        raise LostLease(errand.id)


def _update(
    session: Session, errand: Errand, sources: States, values: dict[str, Any], *more: ColumnElement[bool]
) -> bool:
    mine = (Effect.id == errand.id, Effect.attempt == errand.attempt, Effect.state.in_(sources))
    query = update(Effect).where(*mine, *more).values(**values).returning(Effect.id)
    return session.execute(query).first() is not None


def _leave(
    session: Session, errand: Errand, function: str, state: EffectState, why: str, **values: object
) -> None:
    """Lets go of it, with the reason."""
    _move(session, errand, function, state, last_error=why[:2000], lease_until=None, **values)


def finish(session: Session, errand: Errand, now: dt.datetime, evidence: dict[str, Any]) -> None:
    """Done, with proof. Belongs into the transaction that notes what the effect brought about."""
    kept = session.scalar(select(Effect.evidence).where(Effect.id == errand.id)) or {}
    _move(session, errand, "finish", "done", evidence=kept | evidence, finished_at=now, lease_until=None)


def supersede(session: Session, errand: Errand, now: dt.datetime, reason: str) -> None:
    """The facts have changed: it must not go out any more."""
    _leave(session, errand, "supersede", "superseded", reason, finished_at=now)


def withdraw(work: Work, function: str, reason: str, *which: ColumnElement[bool]) -> set[int | None]:
    """Supersedes those of the effects that the function may take back as they are; the ids of their steps."""
    sources = list_sources(function, "superseded")
    values = {"state": "superseded", "last_error": reason, "finished_at": work.now}
    query = update(Effect).where(Effect.state.in_(sources), *which).values(values).returning(Effect.step_id)
    return set(work.session.scalars(query))


def enter_data(errand: StepErrand, version: int, now: dt.datetime) -> bool:
    """The last check before a body goes out: phase becomes `data` if the receivable is as it was read.

    One conditional UPDATE: whoever changes the receivable counts its version up in the same transaction.
    """
    unchanged = select(Receivable.id).where(
        Receivable.id == errand.receivable_id, Receivable.version == version
    )
    entering = {"state": "sending", "phase": "data", "lease_until": now + DATA_LEASE}
    values = {**entering, "sent_after": find_newest(errand.receivable_id)}
    with transaction() as session:
        return _update(session, errand, list_sources("enter_data", "sending"), values, unchanged.exists())


def enter_notice(errand: Errand, now: dt.datetime) -> bool:
    """The same for a notice: it says what it says, no receivable can change under it."""
    with transaction() as session:
        _move(session, errand, "enter_notice", "sending", phase="data", lease_until=now + DATA_LEASE)
    return True


def enter_talk(session: Session, errand: StepErrand, payload: dict[str, Any]) -> None:
    """A claim is frozen: from now on the partner may hear of it."""
    newest = find_newest(errand.receivable_id)
    kept = {**errand.payload, **payload}
    _move(session, errand, "enter_talk", "sending", phase="partner", sent_after=newest, payload=kept)


def find_newest(receivable_id: int) -> ScalarSelect[int | None]:
    """The newest history row of the receivable's case, for the statement that lets something go out."""
    case_id = select(Case.id).where(Case.receivable_id == receivable_id).scalar_subquery()
    return select(func.max(History.id)).where(History.case_id == case_id).scalar_subquery()


def save_evidence(
    errand: Errand, evidence: dict[str, Any], phase: str, now: dt.datetime, **columns: object
) -> None:
    """Keeps what the other side has answered so far and holds the lease a while longer."""
    columns |= {"phase": phase, "evidence": evidence, "lease_until": now + LEASE}
    with transaction() as session:
        _move(session, errand, "save_evidence", "sending", **columns)


def back_off(errand: Errand) -> dt.timedelta:
    """How long to wait after this attempt."""
    return BACK_OFF[min(errand.attempt, len(BACK_OFF)) - 1]


def postpone(
    errand: Errand,
    now: dt.datetime,
    error: str,
    wait: dt.timedelta | None = None,
    *,
    even_begun: bool = False,
) -> None:
    """Tries again later, further apart each time; after the last attempt it waits for a person (`failed`).

    The next attempt begins from the start, on its own day. So once a body has begun to go out this raises LostLease,
    and what became of it is asked for when the lease has run out; `even_begun` is for what was refused in so many
    words, or may arrive twice. With a `wait` of the caller's there is no last attempt.
    """
    step = back_off(errand) if wait is None else wait
    exhausted = wait is None and errand.attempt >= MOST_ATTEMPTS
    state: EffectState = "failed" if exhausted else "retry_wait"
    again = {"state": state, "phase": None, "not_before": now + step}
    values = {**again, "last_error": error[:2000], "lease_until": None}
    begun = () if even_begun else (Effect.phase.is_distinct_from("data"),)
    with transaction() as session:
        if not _update(session, errand, list_sources("postpone", state), values, *begun):
            raise LostLease(errand.id)


def rest(errand: Errand, until: dt.datetime, reason: str, phase: str | None = None) -> None:
    """Not tried at all: waits until then, and the attempt is given back. `phase`: what else it waits for.

    Whoever was away with an earlier attempt still finds a later number, or no lease.
    """
    again = {"attempt": errand.attempt - 1, "phase": phase, "not_before": until}
    with transaction() as session:
        _leave(session, errand, "rest", "retry_wait", reason, **again)


def wait_for_partner(
    work: Work, errand: Errand, wait: dt.timedelta, reason: str, evidence: dict[str, Any]
) -> None:
    """The partner's turn: looked at again after `wait`, as often as it takes; no day of ours stays open for it."""
    kept = {"evidence": {**errand.evidence, **evidence}, "their_turn": True, "not_before": work.now + wait}
    _leave(work.session, errand, "wait_for_partner", "retry_wait", reason, phase=None, **kept)


def give_up(errand: Errand, now: dt.datetime, error: str) -> None:
    """It can never succeed as it is: shown to a person."""
    with transaction() as session:
        _leave(session, errand, "give_up", "failed", error, finished_at=now)


def doubt(session: Session, errand: Errand, error: str) -> None:
    """It may have gone out: parked until a person decides, never tried again by itself."""
    _leave(session, errand, "doubt", "in_doubt", error)


def retake(session: Session, effect_id: int, states: States) -> Errand | None:
    """Takes an effect that waits for a person, in the decision's transaction; None when it is in none of the states."""
    check_sources(states, "retake", "taken")
    parked = (Effect.id == effect_id, Effect.state.in_(states))
    taken = update(Effect).where(*parked).values(state="taken", attempt=Effect.attempt + 1)
    if session.execute(taken.returning(Effect.id)).first() is None:
        return None
    return read_errand(session.get_one(Effect, effect_id, populate_existing=True))


def put_back(work: Work, errand: Errand) -> None:
    """Due again after the desk's delay, from the start, under the same reference; earlier attempts stay on record."""
    phase = SENT_AGAIN if work.desk.delay else None
    due = work.now + work.desk.delay
    anew = {"phase": phase, "not_before": due, "lease_until": None, "finished_at": None}
    _move(work.session, errand, "put_back", "due", **anew)
    work.session.ring.effects.append(errand.id)


def undo_repeat(work: Work, effect_id: int) -> bool:
    """Failed as before, what was to go out again and has not begun to. False when it is too late."""
    waits = (Effect.id == effect_id, Effect.phase == SENT_AGAIN, Effect.not_before > work.now)
    sources = list_sources("undo_repeat", "failed")
    undone = update(Effect).where(*waits, Effect.state.in_(sources)).values(state="failed", phase=None)
    return work.session.execute(undone.returning(Effect.id)).first() is not None
