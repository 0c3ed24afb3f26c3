"""No test sees two days: nothing begins just before midnight, and what is filled up to today is filled anew."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

import pytest

Filled = TypeVar("Filled")
# the days of the product and of databases, logs and cookies
ZONES = (ZoneInfo("Europe/Berlin"), dt.UTC)
# longer than a test takes on a busy machine, with what it fills first
LONGEST_TEST = dt.timedelta(seconds=75)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Waits for the new day when little is left of this one."""
    if (left := find_rest(dt.datetime.now(dt.UTC))) < LONGEST_TEST:
        time.sleep(left.total_seconds() + 0.1)


def find_rest(now: dt.datetime) -> dt.timedelta:
    """How long it is today, wherever today ends first."""
    return min(find_midnight(now, zone) - now for zone in ZONES)


def find_midnight(now: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The next midnight of a zone, also where the clock is changed before it."""
    tomorrow = now.astimezone(zone).date() + dt.timedelta(1)
    return dt.datetime.combine(tomorrow, dt.time(), zone).astimezone(dt.UTC)


class Daily(Generic[Filled]):
    """What `fill` makes, kept until the day is over."""

    def __init__(self, fill: Callable[[], Filled]) -> None:
        self._fill = fill
        self._filled: dict[dt.date, Filled] = {}

    def get(self) -> Filled:
        """Today's."""
        today = dt.datetime.now(ZONES[0]).date()
        if today not in self._filled:
            self._filled[today] = self._fill()
        return self._filled[today]
