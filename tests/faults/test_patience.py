"""A mail server that takes its time, within its rights (RFC 5321 4.5.3.2), gets the mail once (F18)."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest
from flask import Flask
from rq import SimpleWorker

from dunning import effects
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs import bell
from dunning.jobs.bell import open_queue, ring
from dunning.outside.mail.smtp import FINAL_REPLY_SECONDS, REPLY_SECONDS, SmtpMailer
from tests.builders import (
    a_desk,
    a_receivable,
    after,
    empty_queue,
    find_effect,
)
from tests.faults.conftest import Redis
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.usefixtures("quick_press")
LATER = dt.timedelta(hours=3)


def a_reminder() -> str:
    a_receivable()
    run_day(a_desk(after(5)))
    return "payment_reminder"


@pytest.fixture
def carry_slowly(
    open_app: Callable[..., AbstractContextManager[Flask]], sqlite_url: str, bell_server: Redis
) -> Callable[[float], None]:
    """`carry_slowly(scale)`: a worker takes the job of a mail from its queue, under the queue's time limit."""

    def carry(scale: float) -> None:
        with SmtpServer("very slow") as server:
            server.slowness = scale
            with open_app(DATABASE_URL=sqlite_url, SMTP_URL=server.url, REDIS_URL=bell_server.url) as app:
                kind, queue = a_reminder(), open_queue(app.config["SETTINGS"])
                ring(queue, [find_effect(kind).id])
                SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(
                    burst=True
                )
                empty_queue(now=read_now() + LATER)
                assert (find_effect(kind).state, len(server.deliveries)) == ("done", 1)

    return carry


def test_a_server_that_takes_its_time_gets_the_mail_once(
    carry_slowly: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    scale = 0.01
    for module, name in ((effects, "LEASE"), (effects, "DATA_LEASE"), (bell, "JOB_TIMEOUT")):
        monkeypatch.setattr(module, name, getattr(module, name) * scale)
    patience = {"reply_seconds": REPLY_SECONDS * scale, "final_reply_seconds": FINAL_REPLY_SECONDS * scale}
    hasty = partial(SmtpMailer, **patience)
    monkeypatch.setattr("dunning.jobs.ways.channels.make_mailer", lambda url, _home: hasty(url))
    carry_slowly(scale)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_server_that_takes_three_hundred_seconds_gets_the_mail_once(
    carry_slowly: Callable[[float], None],
) -> None:
    carry_slowly(1)
