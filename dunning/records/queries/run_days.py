"""Which days the run has played. What a clock that was wrong noted for days to come is told, and stops nothing."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dunning.records.journal import RunDay


def find_last_day(session: Session, present: dt.date) -> dt.date | None:
    """The last day played: the greatest one that is not after the present."""
    return session.scalar(select(func.max(RunDay.on_date)).where(RunDay.on_date <= present))


def find_day_ahead(session: Session, present: dt.date) -> dt.date | None:
    """The greatest day that was noted before it came; it is played anew when it comes."""
    return session.scalar(select(func.max(RunDay.on_date)).where(RunDay.on_date > present))
