"""Signs of life of clock and worker."""

import datetime as dt

from sqlalchemy import or_, update

from dunning.records.database import transaction
from dunning.records.journal import Heartbeat


def note_heartbeat(name: str, now: dt.datetime) -> None:
    """Remembers when `name` was last alive."""
    with transaction() as session:
        beat = session.get(Heartbeat, name)
        if beat is None:
            session.add(Heartbeat(name=name, at=now))
        else:
            beat.at = now


def take_turn(name: str, now: dt.datetime, every: dt.timedelta) -> bool:
    """True for one of all who ask, when the last turn is so long ago: one conditional UPDATE decides.

    A turn still to come was noted by a clock that was wrong, and counts for nothing.
    """
    with transaction() as session:
        if session.get(Heartbeat, name) is None:
            session.add(Heartbeat(name=name, at=now))
            return True
        over = or_(Heartbeat.at <= now - every, Heartbeat.at > now + every)
        due = update(Heartbeat).where(Heartbeat.name == name, over).values(at=now)
        return session.scalar(due.returning(Heartbeat.name)) is not None
