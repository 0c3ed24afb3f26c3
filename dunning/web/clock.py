"""The real clock, for the web only: a request reads it once and hands the answer down."""

import datetime as dt

from dunning.web.current import current_settings


def read_now() -> dt.datetime:
    """The present instant, UTC."""
    return dt.datetime.now(dt.UTC)


def local_day(instant: dt.datetime) -> dt.date:
    """The local day of an instant: legal days and what people call today."""
    return instant.astimezone(current_settings().timezone).date()
