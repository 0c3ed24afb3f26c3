"""The real clock, for the web only: a request reads it once and hands the answer down."""

import datetime as dt

from dunning.desk import Desk
from dunning.running import current_settings


def read_now() -> dt.datetime:
    """The present instant, UTC."""
    return dt.datetime.now(dt.UTC)


def local_day(instant: dt.datetime) -> dt.date:
    """The local day of an instant: legal days and what people call today."""
    return current_settings().local_day(instant)


def current_desk() -> Desk:
    """Where this request stands. What a click sends waits a moment, so that the click can be undone."""
    settings = current_settings()
    delay = dt.timedelta(seconds=settings.policy.clicks.delay_seconds)
    return Desk.at(settings, read_now(), delay=delay)
