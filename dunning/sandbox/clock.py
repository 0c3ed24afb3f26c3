"""The sandbox partner's own clock: it is another house and lives in the present."""

import datetime as dt
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")


def read_now() -> dt.datetime:
    """The present instant."""
    return dt.datetime.now(dt.UTC)


def read_today() -> dt.date:
    """The present day in Berlin."""
    return read_now().astimezone(ZONE).date()


def start_day(day: dt.date) -> dt.datetime:
    """The first instant of a day in Berlin."""
    return dt.datetime.combine(day, dt.time(), ZONE)
