"""`flask letters print`: the print file of a day."""

import datetime as dt
import json
from pathlib import Path

import click
from flask.cli import AppGroup

from dunning.actions.letters.post_letters import mark_posted
from dunning.actions.letters.renew_letters import renew_letters
from dunning.cli.desk import DAY, open_desk
from dunning.jobs.drain import open_drain
from dunning.outside.press.press import LetterError
from dunning.outside.press.print_file import merge_letters
from dunning.outside.storage import Storage, StorageError
from dunning.records.database import db
from dunning.records.queries.letters.post import list_printable
from dunning.running import current_settings
from dunning.work import SYSTEM

letters = AppGroup("letters", help="Letters on paper.")


@letters.command("print")
@click.option("--on", type=DAY, required=True, help="The day the letters were made.")
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=True)
@click.option("--posted", is_flag=True, help="Note that they are handed in at the post that day.")
def print_letters(on: dt.datetime, output: Path, posted: bool) -> None:
    """One PDF in postcode order with a cover list; letters that waited too long are made anew first."""
    desk = open_desk(on.date())
    renewed = renew_letters(SYSTEM, desk)
    if renewed:
        with open_drain() as drain:
            drain.empty_day(desk.today)
    lines = list_printable(db.session(), desk.today, desk.today, desk.policy)
    db.session.rollback()
    if not lines:
        raise click.ClickException(f"no letters to print of {desk.today}")
    try:
        storage = Storage(current_settings().storage_url)
        output.write_bytes(merge_letters([line.paper for line in lines], desk.today, "de", storage))
    except (LetterError, OSError, StorageError) as error:
        raise click.ClickException(str(error)) from error
    noted = mark_posted([line.letter_id for line in lines], desk.today, SYSTEM, desk) if posted else 0
    summary = {"date": desk.today.isoformat(), "letters": len(lines), "renewed": renewed, "posted": noted}
    click.echo(json.dumps(summary))
