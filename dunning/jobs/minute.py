"""The minute clock: applies what came in, plays today from the start of working hours, rings for what is ready.

Any number of clocks may overlap: playing a day twice finds nothing to do, ringing twice does nothing twice.
"""

import datetime as dt
import time
from threading import Event

import structlog

from dunning.actions.desk import Desk
from dunning.actions.heartbeats import note_heartbeat
from dunning.actions.run_day import run_day
from dunning.actions.take_events import apply_inbox
from dunning.clock import read_now
from dunning.jobs.bell import ring_ready
from dunning.records.database import db
from dunning.settings import Settings

log = structlog.get_logger()
RING_EVERY = 5.0
RUN_EVERY = 60.0


def run_clock(settings: Settings, stop: Event) -> None:
    """Ticks until told to stop. An error is logged and the next tick tries again."""
    next_run = 0.0
    while not stop.is_set():
        due = time.monotonic() >= next_run
        next_run = time.monotonic() + RUN_EVERY if due else next_run
        try:
            tick(settings, read_now(), play=due)
        except Exception:  # the clock must outlive a database that is away for a minute
            log.exception("tick failed")
            db.session.rollback()
        stop.wait(RING_EVERY)


def tick(settings: Settings, now: dt.datetime, *, play: bool) -> None:
    """One tick at a real instant: ring, and play the local day when its working hours have begun."""
    local = now.astimezone(settings.timezone)
    if play:
        note_heartbeat("clock", now)
        desk = Desk(settings.policy, local.date(), now, timezone=settings.timezone)
        if local.time() >= settings.policy.working_hours.start:
            run_day(desk)
        else:
            apply_inbox(desk, again=True)
    ring_ready()
