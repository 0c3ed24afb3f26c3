"""The breaker before the partner: after some failures in a row nobody calls for a while, then one asks for all.

What waits behind it costs no attempt and keeps its place. The row in the database is shared by all workers.
"""

import datetime as dt
from contextlib import suppress

import structlog
from sqlalchemy import case, select, update
from sqlalchemy.exc import IntegrityError

from dunning.records.database import db, transaction
from dunning.records.partner import Breaker

log = structlog.get_logger()

PARTNER = "partner"
MOST_FAILURES = 3
PAUSE = dt.timedelta(minutes=5)
# how long the one who asks for all may take, before somebody else does
ASKING = dt.timedelta(minutes=1)


def read_breaker() -> Breaker | None:
    """The breaker as it stands; None when every call went well so far."""
    found = db.session.scalar(select(Breaker).where(Breaker.name == PARTNER))
    if found is not None:
        db.session.expunge(found)
    db.session.rollback()
    return found


def take_question(seen: Breaker, now: dt.datetime) -> bool:
    """After the pause: whether this worker is the one to ask. The others wait for ASKING."""
    mine = (Breaker.name == PARTNER, Breaker.paused_until == seen.paused_until)
    taken = update(Breaker).where(*mine).values(paused_until=now + ASKING).returning(Breaker.name)
    with transaction() as session:
        return session.scalar(taken) is not None


def note_failure(now: dt.datetime, error: str) -> None:
    """One more in a row; from MOST_FAILURES on there is a pause."""
    with suppress(IntegrityError), transaction() as session:  # the very first one, noted by two at once
        counted = Breaker.failures + 1
        full = counted >= MOST_FAILURES
        values = {
            "failures": counted,
            "last_error": error[:2000],
            "paused_until": case((full, now + PAUSE), else_=None),
            "since": case((Breaker.failures == 0, now), else_=Breaker.since),
        }
        failures = session.scalar(
            update(Breaker).where(Breaker.name == PARTNER).values(values).returning(Breaker.failures)
        )
        if failures is None:
            session.add(Breaker(name=PARTNER, failures=1, last_error=error[:2000], since=now))
        elif failures >= MOST_FAILURES:
            until = (now + PAUSE).isoformat(timespec="seconds")
            log.warning("partner away", failures=failures, paused_until=until, error=error)


def note_success() -> None:
    """The partner answers: whoever waits may go on."""
    seen = read_breaker()
    if seen is None or not seen.failures:
        return
    with transaction() as session:
        healed = update(Breaker).where(Breaker.name == PARTNER)
        session.execute(healed.values(failures=0, paused_until=None, last_error=""))
    log.info("partner back", failures=seen.failures, since=seen.since.isoformat(timespec="seconds"))
