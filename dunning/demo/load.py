"""Loads the demonstration by playing its past day by day: files in, money, the day's run, then what people do.

Everything happens at the hour it would have happened; mails go to files and claims to the sandbox, whatever the
environment says.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy import select

from dunning.actions.orders.import_orders import take_orders
from dunning.actions.people.change_settings import change_settings
from dunning.actions.run_day import run_day
from dunning.demo.deeds import do_deed
from dunning.demo.orders import Script, write_script
from dunning.demo.people import CHANGED, CHANGED_DAYS_AGO, WERKSTATT, add_people, find_actor
from dunning.desk import Desk
from dunning.jobs.drain import Drain, open_drain
from dunning.records.database import db
from dunning.records.people import Vendor
from dunning.settings import Settings
from dunning.web.frame.frame import build_app

# payments are known before the run, clicks come after it
FILES, RUN, PEOPLE = dt.time(7), dt.time(9), dt.time(11)
MONEY = ("pay", "pay_part", "charge_back")


class DemoRefused(Exception):
    """This is no place for demonstration data."""


def has_vendors() -> bool:
    """Whether anybody sells here already."""
    found = db.session.scalar(select(Vendor.id).limit(1)) is not None
    db.session.rollback()
    return found


def load_demo(
    settings: Settings,
    now: dt.datetime,
    show: Callable[[list[dt.date]], Iterable[dt.date]] = iter,
) -> None:
    """Fills a migrated database without vendors, up to yesterday; the clock plays today. Raises DemoRefused.

    `show` wraps the days to play, for a progress bar.
    """
    if settings.production:
        raise DemoRefused("demonstration data is for development only")
    harmless = replace(settings, smtp_url=None, partner_url=None, partner_token=None)
    with build_app(harmless).app_context():
        if has_vendors():
            raise DemoRefused("the database has vendors already")
        play_script(write_script(settings.local_day(now)), settings, now, show)
        db.session.remove()
        db.engine.dispose()


def play_script(
    script: Script,
    settings: Settings,
    now: dt.datetime,
    show: Callable[[list[dt.date]], Iterable[dt.date]],
) -> None:
    """Plays every day from the first order to yesterday."""
    today = settings.local_day(now)
    days = [script.first_day + dt.timedelta(days=n) for n in range((today - script.first_day).days)]
    add_people(open_desk(settings, days[0], FILES))
    with open_drain() as drain:
        for day in show(days):
            play_day(script, settings, day, drain)
            if (today - day).days == CHANGED_DAYS_AGO:
                actor = find_actor("vendor", WERKSTATT)
                change_settings(WERKSTATT, CHANGED, actor, open_desk(settings, day, PEOPLE))


def play_day(script: Script, settings: Settings, day: dt.date, drain: Drain) -> None:
    """One day as it would have been."""
    deeds = script.deeds.get(day, [])
    early = open_desk(settings, day, FILES)
    take_orders(script.rows.get(day, []), early)
    for deed in deeds:
        if deed.verb in MONEY:
            do_deed(deed, early)
    run = open_desk(settings, day, RUN)
    run_day(run)
    drain.empty_day(day, run.now)
    late = open_desk(settings, day, PEOPLE)
    for deed in deeds:
        if deed.verb not in MONEY:
            do_deed(deed, late)
    drain.empty_day(day, late.now)


def open_desk(settings: Settings, day: dt.date, hour: dt.time) -> Desk:
    """The desk of a past day at a local hour."""
    local = dt.datetime.combine(day, hour, settings.timezone)
    return Desk.at(settings, local.astimezone(dt.UTC), day, pinned=True)
