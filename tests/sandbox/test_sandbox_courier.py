"""The sandbox's news reach webhooks signed, are tried four times, and stop where nobody answers."""

import datetime as dt
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from dunning.outside.partner.talk import advance_handover
from dunning.records.database import db, transaction
from dunning.sandbox.app import SANDBOX_TOKEN, create_sandbox_app
from dunning.sandbox.courier import (
    MOST_FAILURES,
    OWN,
    deliver_next,
    keep_delivering,
    register_own_webhook,
)
from dunning.sandbox.tables import SandboxDelivery, SandboxWebhook
from dunning.settings import Settings
from tests.outside.partner.partner_server import LETTERS, a_handover, make_sandbox, serve, talk_to

# later than anything that is queued here
NOW = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
EVENTS = ["claim.updated", "mandate.created"]


@dataclass
class Receiver:
    """A house that listens; says 200 unless told otherwise."""

    statuses: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.headers.append({name: str(value) for name, value in environ.items() if name.startswith("HTTP_")})
        self.bodies.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        status = self.statuses.pop(0) if self.statuses else "200 OK"
        start(status, [("Content-Length", "0"), ("Location", "/elsewhere")])
        return [b""]

    @property
    def events(self) -> list[str]:
        return [json.loads(body)["event"] for body in self.bodies]


@pytest.fixture
def sandbox(tmp_path: Path) -> Flask:
    return make_sandbox(tmp_path)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def key(sandbox: Flask, receiver: Receiver) -> Iterator[str]:
    """The key of a webhook that listens, after a claim was accepted."""
    with serve(receiver) as url, talk_to(sandbox) as client:
        yield client.register_webhook(f"{url}news", EVENTS)


def hand_over(sandbox: Flask) -> str | None:
    with talk_to(sandbox) as client:
        return advance_handover(client, a_handover(), LETTERS, {}, lambda _: None).mandate_id


def deliver(sandbox: Flask, now: dt.datetime = NOW) -> int:
    """Every attempt that is due; how many were made."""
    with sandbox.app_context():
        attempts = 0
        while deliver_next(now):
            attempts += 1
        return attempts


def count_open(sandbox: Flask) -> int:
    with sandbox.app_context():
        return db.session.scalar(select(func.count()).select_from(SandboxDelivery)) or 0


def test_each_subscribed_event_arrives_once_and_names_what_it_is_about(
    sandbox: Flask, receiver: Receiver, key: str
) -> None:
    mandate = hand_over(sandbox)
    assert deliver(sandbox) == 2
    assert deliver(sandbox) == 0
    assert receiver.events == EVENTS
    data = json.loads(receiver.bodies[1])["data"]
    assert (data["mandate_id"], data["access_mode"], data["company_id"]) == (
        mandate,
        "test",
        "sandbox-company",
    )


def test_the_raw_body_is_signed_and_each_attempt_has_a_name_of_its_own(
    sandbox: Flask, receiver: Receiver, key: str
) -> None:
    receiver.statuses = ["500 Oh no"]
    hand_over(sandbox)
    deliver(sandbox)
    deliver(sandbox, NOW + dt.timedelta(minutes=2))
    for sent, body in zip(receiver.headers, receiver.bodies, strict=True):
        signed = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        assert sent["HTTP_X_PAYWISE_SIGNATURE"] == f"sha256={signed}"
        assert sent["HTTP_X_PAYWISE_EVENT"] == json.loads(body)["event"]
    assert len({sent["HTTP_X_PAYWISE_DELIVERY_ID"] for sent in receiver.headers}) == 3


def test_a_failure_is_tried_again_after_1_5_and_15_minutes_and_then_given_up(
    sandbox: Flask, receiver: Receiver, key: str
) -> None:
    receiver.statuses = ["200 OK", *["503 Away"] * 9]
    hand_over(sandbox)
    now, tried = NOW, [deliver(sandbox)]
    for minutes in (1, 5, 15):
        tried.append(deliver(sandbox, now + dt.timedelta(minutes=minutes, seconds=-1)))
        now += dt.timedelta(minutes=minutes)
        tried.append(deliver(sandbox, now))
    assert tried == [2, 0, 1, 0, 1, 0, 1]
    assert count_open(sandbox) == 0


def test_a_redirect_is_no_arrival_and_is_not_followed(sandbox: Flask, receiver: Receiver, key: str) -> None:
    receiver.statuses = ["302 Found", "302 Found"]
    hand_over(sandbox)
    assert deliver(sandbox) == 2
    assert count_open(sandbox) == len(receiver.bodies) == 2


def test_an_address_that_failed_fifty_times_in_a_row_is_left_alone(
    sandbox: Flask, receiver: Receiver, key: str
) -> None:
    with sandbox.app_context(), transaction() as session:
        session.execute(update(SandboxWebhook).values(failures=MOST_FAILURES - 1))
    receiver.statuses = ["500 Oh no"] * 5
    hand_over(sandbox)
    assert deliver(sandbox) == 1
    hand_over(sandbox)
    assert deliver(sandbox, NOW + dt.timedelta(days=1)) == 0


def test_one_arrival_begins_the_count_anew(sandbox: Flask, receiver: Receiver, key: str) -> None:
    with sandbox.app_context(), transaction() as session:
        session.execute(update(SandboxWebhook).values(failures=MOST_FAILURES - 1))
    hand_over(sandbox)
    deliver(sandbox)
    with sandbox.app_context():
        assert db.session.scalar(select(SandboxWebhook.failures)) == 0


def test_nobody_at_home_is_a_failure_like_any_other(sandbox: Flask) -> None:
    with talk_to(sandbox) as client:
        client.register_webhook("http://127.0.0.1:9/news", EVENTS)
    hand_over(sandbox)
    assert deliver(sandbox) == count_open(sandbox) == 2


def test_news_wait_while_no_courier_runs(sandbox: Flask, receiver: Receiver, key: str) -> None:
    hand_over(sandbox)
    assert receiver.bodies == []
    assert count_open(sandbox) == 2


def test_the_house_around_it_is_registered_once_and_learns_of_its_new_key(sandbox: Flask) -> None:
    with sandbox.app_context():
        register_own_webhook("http://127.0.0.1:1/partner/webhook", "first")
        register_own_webhook("http://127.0.0.1:2/partner/webhook", "second")
        [webhook] = db.session.scalars(select(SandboxWebhook))
        assert (webhook.id, webhook.secret_key) == (OWN, "second")


def test_the_courier_of_the_sandboxs_process_brings_news_by_itself(
    sandbox: Flask, receiver: Receiver, tmp_path: Path
) -> None:
    with serve(receiver) as url:
        port = url.split(":")[2].removesuffix("/v1/")
        variables = {
            "DUNNING_HOME": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'sandbox.db'}",
            "PORT": port,
            "PARTNER_TOKEN": SANDBOX_TOKEN,
            "PARTNER_WEBHOOK_SECRET": "ours",
        }
        app = create_sandbox_app(Settings.from_environment(variables))
        stop = Event()
        courier = Thread(target=keep_delivering, args=(app, stop))
        courier.start()
        wait_until(lambda: count_webhooks(app) == 1)
        hand_over(app)
        wait_until(lambda: len(receiver.bodies) == 2)
        stop.set()
        courier.join()
    assert receiver.events == EVENTS


def count_webhooks(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SandboxWebhook)) or 0


def wait_until(true: Callable[[], bool]) -> None:
    """Gives up after ten seconds."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
