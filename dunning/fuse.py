"""The fuse before somebody outside: after failures in a row nobody calls for a while, then one asks for all.

What waits behind it costs no attempt and keeps its place. All workers and processes share the row in the database.
"""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass

import structlog
from sqlalchemy import case, select, update
from sqlalchemy.exc import IntegrityError

from dunning.records.database import db, transaction
from dunning.records.partner import Breaker

log = structlog.get_logger()


@dataclass(frozen=True)
class Fuse:
    """Blows after `most_failures` in a row. A pause is as long as the failure has lasted, from `shortest` to `longest`.

    `asking`: how long the one who asks for all may take, before somebody else does.
    """

    name: str
    most_failures: int
    shortest: dt.timedelta
    longest: dt.timedelta
    asking: dt.timedelta

    def read_breaker(self) -> Breaker | None:
        """The row as it stands; None when every call went well so far."""
        found = db.session.scalar(select(Breaker).where(Breaker.name == self.name))
        if found is not None:
            db.session.expunge(found)
        db.session.rollback()
        return found

    def is_paused(self, seen: Breaker, now: dt.datetime) -> bool:
        """Whether nobody calls now. A pause longer than any was begun by a clock that was wrong."""
        until = seen.paused_until
        return until is not None and now < until <= now + max(self.longest, self.asking)

    def take_question(self, seen: Breaker, now: dt.datetime) -> bool:
        """After the pause: whether this worker is the one to ask. The others wait for `asking`."""
        mine = (Breaker.name == self.name, Breaker.paused_until == seen.paused_until)
        taken = update(Breaker).where(*mine).values(paused_until=now + self.asking).returning(Breaker.name)
        with transaction() as session:
            return session.scalar(taken) is not None

    def note_failure(self, now: dt.datetime, error: str) -> None:
        """One more in a row; from `most_failures` on there is a pause."""
        seen = self.read_breaker()
        lasted = now - seen.since if seen and seen.failures else dt.timedelta(0)
        until = now + min(max(lasted, self.shortest), self.longest)
        with suppress(IntegrityError), transaction() as session:  # the very first one, noted by two at once
            counted = Breaker.failures + 1
            values = {
                "failures": counted,
                "last_error": error[:2000],
                "paused_until": case((counted >= self.most_failures, until), else_=None),
                "since": case((Breaker.failures == 0, now), else_=Breaker.since),
            }
            noted = update(Breaker).where(Breaker.name == self.name).values(values)
            failures = session.scalar(noted.returning(Breaker.failures))
            if failures is None:
                failures, paused = 1, until if self.most_failures == 1 else None
                first = {"failures": failures, "paused_until": paused, "since": now}
                session.add(Breaker(name=self.name, last_error=error[:2000], **first))
            if failures >= self.most_failures:
                paused_until = until.isoformat(timespec="seconds")
                log.warning("away", who=self.name, failures=failures, paused_until=paused_until, error=error)

    def note_success(self) -> None:
        """There is an answer: whoever waits may go on."""
        seen = self.read_breaker()
        if seen is None or not seen.failures:
            return
        with transaction() as session:
            healed = update(Breaker).where(Breaker.name == self.name)
            session.execute(healed.values(failures=0, paused_until=None, last_error=""))
        since = seen.since.isoformat(timespec="seconds")
        log.info("back", who=self.name, failures=seen.failures, since=since)


MAIL = "mail"
MAIL_FUSE = Fuse(
    MAIL,
    most_failures=1,
    shortest=dt.timedelta(minutes=1),
    longest=dt.timedelta(hours=1),
    # all that a mail server may make us wait before it has taken a body
    asking=dt.timedelta(minutes=5),
)
