"""Brings the sandbox partner's news to webhooks, as documented: signed, three times more after a failure, then never.

It runs as a thread of the sandbox's own process. Each attempt is noted before it is made, so of several couriers one
goes, and what dies on the way goes again.
"""

import datetime as dt
import hashlib
import hmac
import json
from threading import Event, Thread
from typing import get_args
from uuid import uuid4

import requests
import structlog
from flask import Flask
from sqlalchemy import delete, select, update

from dunning.clock import read_now
from dunning.records.database import db, transaction
from dunning.sandbox.bodies import EventName
from dunning.sandbox.deeds import end_pauses
from dunning.sandbox.tables import SandboxDelivery, SandboxWebhook

TIMEOUT = (5.0, 30.0)
RETRIES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15))
MOST_FAILURES = 50
LOOK_EVERY = 0.5
AFTER_TROUBLE = 10.0
OWN = "own"
EVENTS: tuple[str, ...] = get_args(EventName)

log = structlog.get_logger()


def start_courier(app: Flask) -> None:
    """A thread that delivers until the process ends; threads do not survive a fork, so it starts after it."""
    Thread(target=keep_delivering, args=(app, Event()), name="courier", daemon=True).start()


def keep_delivering(app: Flask, stop: Event) -> None:
    """Looks for news again and again; a database that is away for a while does not end it."""
    own: tuple[str, str] | None = app.config["SANDBOX_OWN_WEBHOOK"]
    wait = 0.0
    while not stop.wait(wait):
        try:
            with app.app_context():
                if own:
                    register_own_webhook(*own)
                    own = None
                end_pauses()
                while deliver_next(read_now()):
                    pass
            wait = LOOK_EVERY
        except Exception:
            log.exception("courier in trouble")
            wait = AFTER_TROUBLE


def deliver_next(now: dt.datetime) -> bool:
    """One attempt at the oldest news that is due; False when nothing is."""
    taken = take_delivery(now)
    if taken is None:
        return False
    delivery, webhook = taken
    arrived = send_news(webhook.url, webhook.secret_key, delivery.event, delivery.body)
    with transaction() as session:
        if arrived or delivery.attempts > len(RETRIES):
            session.execute(delete(SandboxDelivery).where(SandboxDelivery.number == delivery.number))
        failures = 0 if arrived else SandboxWebhook.failures + 1
        known = SandboxWebhook.number == webhook.number
        session.execute(update(SandboxWebhook).where(known).values(failures=failures))
        too_many = (known, SandboxWebhook.failures >= MOST_FAILURES)
        session.execute(update(SandboxWebhook).where(*too_many).values(disabled_at=now))
    return True


def take_delivery(now: dt.datetime) -> tuple[SandboxDelivery, SandboxWebhook] | None:
    """The oldest news that is due, with this attempt counted and the next one planned."""
    open_news = select(SandboxDelivery).join(SandboxWebhook).where(SandboxWebhook.disabled_at.is_(None))
    due = open_news.where(SandboxDelivery.due_at <= now).order_by(SandboxDelivery.number).limit(1)
    waiting = db.session.scalar(due.with_only_columns(SandboxDelivery.number))
    db.session.rollback()
    if waiting is None:
        return None
    with transaction() as session:
        delivery = session.scalar(due.with_for_update(skip_locked=True))
        if delivery is None:
            return None
        webhook = session.get_one(SandboxWebhook, delivery.webhook_number)
        delivery.due_at = now + RETRIES[min(delivery.attempts, len(RETRIES) - 1)]
        delivery.attempts += 1
        session.flush()
        session.expunge_all()
    return delivery, webhook


def send_news(url: str, secret_key: str, event: str, body: dict[str, object]) -> bool:
    """Whether the receiver said 2xx in time; an answer elsewhere (redirect) is none."""
    raw = json.dumps(body).encode()
    signature = hmac.new(secret_key.encode(), raw, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Paywise-Signature": f"sha256={signature}",
        "X-Paywise-Event": event,
        "X-Paywise-Delivery-ID": str(uuid4()),
    }
    try:
        answer = requests.post(url, data=raw, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        log.warning("webhook not reached", webhook_event=event, problem=type(error).__name__)
        return False
    return answer.ok and not answer.is_redirect


def register_own_webhook(url: str, secret_key: str) -> None:
    """The one webhook that need not be asked for: that of the house the sandbox runs in."""
    values = {"url": url, "secret_key": secret_key, "failures": 0, "disabled_at": None}
    with transaction() as session:
        webhook = session.scalar(select(SandboxWebhook).filter_by(id=OWN))
        if webhook is None:
            session.add(SandboxWebhook(id=OWN, events=list(EVENTS), description="this machine", **values))
        else:
            session.execute(update(SandboxWebhook).filter_by(id=OWN).values(**values))
