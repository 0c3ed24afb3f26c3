"""`flask dunning run` and `flask dunning explain`."""

import datetime as dt
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
from flask.cli import AppGroup
from tqdm import tqdm

from dunning import effects
from dunning.actions.dossier.refusals import DayPlayed
from dunning.actions.run_day import COUNTED, count_day, run_day
from dunning.cli.desk import DAY, open_desk
from dunning.cli.explain import explain_order
from dunning.jobs.bell import install_bell, ring_ready
from dunning.jobs.drain import open_drain
from dunning.jobs.partner.day import begin_partner_day
from dunning.jobs.rehearsal import open_rehearsal
from dunning.records.database import db
from dunning.records.queries.cases.day_deeds import list_deeds
from dunning.running import current_settings

dunning = AppGroup("dunning", help="Play days, explain orders.")
LOOK_EVERY = 0.2
RING_EVERY = 5.0


@dunning.command("run")
@click.option("--on", type=DAY, help="Act as on this one day.")
@click.option("--from", "first", type=DAY)
@click.option("--to", "last", type=DAY)
@click.option("--ahead", is_flag=True, help="In production: play days later than the present one as well.")
@click.option("--inline", is_flag=True, help="Carry the effects out in this process, without Redis.")
@click.option(
    "--dry",
    is_flag=True,
    help="Say what would happen and change nothing: the same lines, and on standard error one JSON object for each "
    "step and each change of a case, before its day. Until it ends, nobody else can write on SQLite.",
)
def play_days(
    on: dt.datetime | None, first: dt.datetime | None, last: dt.datetime | None, **way: bool
) -> None:
    """Play one day or a range; one JSON object per day, then the total."""
    days = list_days(on, first, last)
    if not (way["ahead"] or way["dry"]):
        refuse_ahead(days[-1])
    total = dict.fromkeys(COUNTED, 0)
    play = foretell_day if way["dry"] else play_day
    with open_rehearsal(current_settings()) if way["dry"] else open_way(way["inline"]) as wait:
        for day in tqdm(days, desc="days", unit="", delay=1, disable=None, leave=False):
            counts = play(day, wait)
            click.echo(json.dumps({"date": day.isoformat(), **counts}))
            total = {key: total[key] + counts[key] for key in total}
    click.echo(json.dumps({"total": True, **total}))


def list_days(on: dt.datetime | None, first: dt.datetime | None, last: dt.datetime | None) -> list[dt.date]:
    """The days asked for; today without any."""
    if (on and (first or last)) or bool(first) != bool(last):
        raise click.UsageError("either --on, or --from and --to")
    if first and last:
        if last < first:
            raise click.UsageError("--to is before --from")
        return [first.date() + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return [on.date() if on else open_desk().today]


def refuse_ahead(last: dt.date) -> None:
    """A typed year would date letters that go out at once: in production nothing is played before its day comes."""
    present = open_desk().today
    if current_settings().production and last > present:
        raise click.UsageError(f"{last} is after the present day, {present}: --ahead plays it all the same")


def play_day(day: dt.date, wait: Callable[[dt.date], None]) -> dict[str, int]:
    """What this run of the day did: the day's counts after it less those before."""
    before = count_day(day)
    begin_partner_day(current_settings(), day)
    try:
        run_day(open_desk(day))
    except DayPlayed as error:
        raise click.ClickException(str(error)) from error
    wait(day)
    db.session.rollback()
    return {key: number - before[key] for key, number in count_day(day).items()}


def foretell_day(day: dt.date, wait: Callable[[dt.date], None]) -> dict[str, int]:
    """Plays a day in a rehearsal and says step by step what this run of it would do."""
    before = Counter(list_deeds(db.session(), day))
    counts = play_day(day, wait)
    for deed in sorted((Counter(list_deeds(db.session(), day)) - before).elements()):
        click.echo(json.dumps({"date": day.isoformat(), "would": asdict(deed)}), err=True)
    return counts


@contextmanager
def open_way(inline: bool) -> Iterator[Callable[[dt.date], None]]:
    """How a day's effects are finished: here, or by workers that are rung for."""
    if inline:
        with open_drain() as drain:
            yield drain.empty_day
    else:
        install_bell(current_settings())
        yield await_day


def await_day(on: dt.date) -> None:
    """Returns when the effects of the day are finished; rings again now and then, in case a bell was lost."""
    rung = time.monotonic()
    while effects.count_open(on):
        db.session.rollback()
        time.sleep(LOOK_EVERY)
        if time.monotonic() - rung > RING_EVERY:
            ring_ready()
            rung = time.monotonic()


@dunning.command("explain")
@click.argument("order_id")
@click.option("--on", type=DAY)
@click.option("--json", "as_json", is_flag=True)
def explain(order_id: str, on: dt.datetime | None, as_json: bool) -> None:
    """Why an order is (not) in dunning, what happens when, and the claim to the cent."""
    explain_order(order_id, open_desk(on.date() if on else None), as_json=as_json)
