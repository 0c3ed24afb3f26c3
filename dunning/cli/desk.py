"""Where a command stands."""

import datetime as dt

import click

from dunning.clock import read_now
from dunning.desk import Desk
from dunning.running import current_settings

DAY = click.DateTime(formats=["%Y-%m-%d"])


def open_desk(on: dt.date | None = None) -> Desk:
    """The desk of today, or of the run's day `on`; its effects keep another day than the present."""
    settings, now = current_settings(), read_now()
    return Desk.at(settings, now, on, pinned=on not in (None, settings.local_day(now)))
