"""The sandbox partner's days: it is another house and lives in the present."""

import datetime as dt
from zoneinfo import ZoneInfo

from dunning.clock import read_now

ZONE = ZoneInfo("Europe/Berlin")


def read_today() -> dt.date:
    """The present day in Berlin."""
    return read_now().astimezone(ZONE).date()


def start_day(day: dt.date) -> dt.datetime:
    """The first instant of a day in Berlin."""
    return dt.datetime.combine(day, dt.time(), ZONE)
