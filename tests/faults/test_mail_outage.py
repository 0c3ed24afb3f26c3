"""A mail server that is away: waited for as long as it takes, asked by one mail for all, on both databases (A5)."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.run_day import run_day
from dunning.fuse import MAIL_FUSE
from dunning.jobs.drain import open_drain
from dunning.records import db
from dunning.records.effects import Effect
from tests.builders import (
    a_desk,
    a_vendor,
    after,
    an_order_row,
    empty_queue,
    import_rows,
)
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.usefixtures("quick_press")

MINUTE = dt.timedelta(minutes=1)
Start = Callable[..., SmtpServer]
# 9 o'clock on a Wednesday
BEGIN = dt.datetime.combine(after(5), dt.time(9), dt.UTC)


@pytest.fixture
def smtp(make_app: Callable[..., Flask]) -> Iterator[Start]:
    """`smtp("421 at banner")`: a server that plays scripts, and an app that logs in and sends through it."""
    servers: list[SmtpServer] = []

    def start(*scripts: str, query: str = "") -> SmtpServer:
        servers.append(SmtpServer(*scripts))
        make_app(SMTP_URL=servers[-1].url.replace("//", "//shop:hush-hush@") + query)
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def due_reminders(number: int) -> None:
    """So many payment reminders, all due at BEGIN."""
    vendor_id = a_vendor()
    import_rows(*(an_order_row(vendor_id, email=f"b{n}@example.org") for n in range(number)))
    run_day(a_desk(after(5), pinned=False))


def count_states() -> dict[str, int]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Effect.state)))


def test_workers_at_once_share_the_pause_and_the_question(smtp: Start) -> None:
    server = smtp("421 at banner")
    due_reminders(6)
    with open_drain(3) as drain:
        drain.empty_day(after(5), BEGIN)
        assert 1 <= server.connections <= 3
        for minutes in (2, 10):
            before = server.connections
            drain.empty_day(after(5), BEGIN + minutes * MINUTE)
            assert server.connections == before + 1
        assert count_states() == {"retry_wait": 6}
        server.scripts = ("ok",)
        drain.empty_day(after(5), BEGIN + 90 * MINUTE)
    assert count_states() == {"done": 6}


def test_one_who_asks_for_all_and_is_killed_is_followed_by_another(smtp: Start) -> None:
    smtp("ok")
    due_reminders(2)
    MAIL_FUSE.note_failure(BEGIN, "refused")
    breaker = MAIL_FUSE.read_breaker()
    assert MAIL_FUSE.take_question(breaker, BEGIN + MINUTE)
    assert not MAIL_FUSE.take_question(breaker, BEGIN + MINUTE)
    for minutes in (1, 3, 5):
        empty_queue(now=BEGIN + minutes * MINUTE)
    assert count_states() == {"retry_wait": 2}
    empty_queue(now=BEGIN + 7 * MINUTE)
    assert count_states() == {"done": 2}
