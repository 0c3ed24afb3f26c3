"""Carries a day's effects out in this process, with as many threads as there are cores.

Each thread has its own database session and its own press, so letters are made on all cores.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from flask import current_app
from flask.ctx import AppContext

from dunning import effects
from dunning.clock import read_now
from dunning.jobs.carry.carry import carry_out
from dunning.jobs.ways.channels import close_channels
from dunning.records.database import db


class Drain:
    """A pool of threads that empties the queue of a business day."""

    def __init__(self, pool: ThreadPoolExecutor, enter_app: Callable[[], AppContext], threads: int) -> None:
        self._pool, self._enter_app, self._threads = pool, enter_app, threads

    def empty_day(self, on: dt.date, now: dt.datetime | None = None) -> None:
        """Carries out what is ready on this business day, until nothing is; `now` as in `carry_out`."""
        while effect_ids := self._list_ready(on, now or read_now()):
            list(self._pool.map(partial(self._carry, now=now), effect_ids))

    def _list_ready(self, on: dt.date, now: dt.datetime) -> list[int]:
        found = list(effects.list_ready(now, on_date=on))
        db.session.rollback()  # a reader left open keeps SQLite's log from being folded in
        return found

    def _carry(self, effect_id: int, now: dt.datetime | None) -> None:
        with self._enter_app():
            carry_out(effect_id, now)

    def close(self) -> None:
        """Ends every thread's press."""
        for _ in range(self._threads * 4):
            self._pool.submit(close_channels)


@contextmanager
def open_drain(threads: int | None = None) -> Iterator[Drain]:
    """A drain for the present app; its children end with it."""
    threads = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(threads, thread_name_prefix="drain") as pool:
        drain = Drain(pool, current_app.app_context, threads)
        try:
            yield drain
        finally:
            drain.close()
