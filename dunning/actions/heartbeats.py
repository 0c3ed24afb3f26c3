"""Signs of life of clock and worker."""

import datetime as dt

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
