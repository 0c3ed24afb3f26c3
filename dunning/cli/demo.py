"""`flask demo load`: demonstration data for an empty database."""

import datetime as dt
from collections.abc import Iterable

import click
from flask.cli import AppGroup
from tqdm import tqdm

from dunning.clock import read_now
from dunning.demo.load import DemoRefused, load_demo
from dunning.demo.people import LOGINS, PASSWORD
from dunning.running import current_settings

demo = AppGroup("demo", help="Demonstration data.")


@demo.command("load")
def load() -> None:
    """Add demo vendors, logins and orders in every status; refused once there is any vendor."""
    try:
        load_demo(current_settings(), read_now(), show_days)
    except DemoRefused as error:
        raise click.ClickException(str(error)) from error
    for line in list_logins():
        click.echo(line)


def show_days(days: list[dt.date]) -> Iterable[dt.date]:
    """A bar on a terminal."""
    bar: Iterable[dt.date] = tqdm(days, desc="demo data", unit=" days", delay=1, disable=None, leave=False)
    return bar


def list_logins() -> list[str]:
    """Who can log in, one line each."""
    return [f"{login.email:<22} {PASSWORD}   {login.name}" for login in LOGINS]
