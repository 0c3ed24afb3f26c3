"""The minute clock: applies what came in, plays today from the start of working hours, rings for what is ready.

Any number of clocks may overlap: playing a day twice finds nothing to do, ringing twice does nothing twice.
"""

import datetime as dt
import time
from threading import Event

import structlog

from dunning.actions.at_partner.deliveries import has_new
from dunning.actions.heartbeats import note_heartbeat, take_turn
from dunning.actions.orders.take_events import apply_inbox
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.jobs.bell import PATIENCE, open_queue, ring_news, ring_poll, ring_ready
from dunning.jobs.partner.day import begin_partner_day
from dunning.records.database import db
from dunning.settings import Settings

log = structlog.get_logger()
RING_EVERY = 5.0
RUN_EVERY = 60.0
# polling is the truth; in development people wait for the sandbox
POLL_EVERY, POLL_EVERY_HERE = dt.timedelta(minutes=15), dt.timedelta(minutes=1)
# the name under which clocks share the turns
POLL = "partner_poll"


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
    if play:
        note_heartbeat("clock", now)
        desk = Desk.at(settings, now)
        if desk.local_now.time() >= settings.policy.working_hours.start:
            begin_partner_day(settings, desk.today)
            run_day(desk)
        else:
            apply_inbox(desk, again=True)
    ring_ready()
    ring_partner(settings, now, poll=play)


def ring_partner(settings: Settings, now: dt.datetime, *, poll: bool) -> None:
    """Rings for webhooks nobody has looked at, and when it is time for the next poll."""
    every = POLL_EVERY if settings.production else POLL_EVERY_HERE
    queue = open_queue(settings, patience=PATIENCE)
    if poll and take_turn(POLL, now, every):
        ring_poll(queue)
    waiting = has_new()
    db.session.rollback()
    if waiting:
        ring_news(queue)
