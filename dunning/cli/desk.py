"""The real clock and the settings, for commands."""

import datetime as dt
from typing import cast

import click
from flask import current_app

from dunning.clock import read_now
from dunning.desk import Desk
from dunning.settings import Settings

DAY = click.DateTime(formats=["%Y-%m-%d"])


def current_settings() -> Settings:
    """The settings this process runs with."""
    return cast(Settings, current_app.config["SETTINGS"])


def open_desk(on: dt.date | None = None) -> Desk:
    """The desk of today, or of the run's day `on`, which its effects keep."""
    return Desk.at(current_settings(), read_now(), on, pinned=on is not None)
