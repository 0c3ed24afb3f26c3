"""Several at once: each in a thread and a database session of its own, let go at the same moment."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from flask import Flask

from dunning.actions.case.cancel import cancel_case
from dunning.actions.dossier.refusals import InReview
from dunning.jobs.ways.channels import close_channels
from dunning.rules.statuses import Refused
from dunning.work import Actor
from tests.builders import a_desk

Race = Callable[..., list[str]]


@contextmanager
def racers(app: Flask, number: int) -> Iterator[Race]:
    """So many threads for one race after the other; each keeps its connections and channels."""
    gate = threading.Barrier(number)

    def act(one: Callable[[], str]) -> str:
        with app.app_context():
            gate.wait()
            return one()

    def race(*acts: Callable[[], str]) -> list[str]:
        return list(pool.map(act, acts))

    def leave() -> str:
        close_channels()
        return ""

    with ThreadPoolExecutor(number) as pool:
        try:
            yield race
        finally:
            race(*[leave] * number)


def together(app: Flask, *acts: Callable[[], str]) -> list[str]:
    """Does all of them at the same moment."""
    with racers(app, len(acts)) as race:
        return race(*acts)


def cancelling(case_id: int, actor: Actor, day: dt.date) -> Callable[[], str]:
    def cancel() -> str:
        try:
            cancel_case(case_id, actor, a_desk(day))
        except (Refused, InReview):
            return "refused"
        return "cancelled"

    return cancel
