"""Signs of life of clock and worker."""

import datetime as dt

from sqlalchemy import update

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
    """True for one of all who ask, when the last turn is so long ago: one conditional UPDATE decides."""
    with transaction() as session:
        if session.get(Heartbeat, name) is None:
            session.add(Heartbeat(name=name, at=now))
            return True
        due = update(Heartbeat).where(Heartbeat.name == name, Heartbeat.at <= now - every).values(at=now)
        return session.scalar(due.returning(Heartbeat.name)) is not None
