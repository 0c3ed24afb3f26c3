"""Where a command stands."""

import datetime as dt

import click

from dunning.clock import read_now
from dunning.desk import Desk
from dunning.running import current_settings

DAY = click.DateTime(formats=["%Y-%m-%d"])


def open_desk(on: dt.date | None = None) -> Desk:
    """The desk of today, or of the run's day `on`, which its effects keep."""
    return Desk.at(current_settings(), read_now(), on, pinned=on is not None)
