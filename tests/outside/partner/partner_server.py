"""A handover to build claims from, and the sandbox partner on a real socket, with faults on demand."""

import datetime as dt
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import Any

import requests
from flask import Flask
from requests.adapters import HTTPAdapter
from sqlalchemy import func, select
from werkzeug.serving import make_server

from dunning.outside.partner.client import PartnerClient
from dunning.outside.partner.talk import Document
from dunning.records.database import Base, db
from dunning.rules.facts import BuyerFacts
from dunning.rules.partner.handover import Charge, Handover, PaymentMade
from dunning.sandbox.app import SANDBOX_TOKEN, build_sandbox
from dunning.sandbox.client import SandboxClient
from dunning.sandbox.tables import SandboxClaim, SandboxDocument
from dunning.sandbox.transport import IN_PROCESS_ORIGIN, IN_PROCESS_URL, SandboxTransport

A_BUYER = BuyerFacts(
    first_name="Anna",
    last_name="Muster",
    email="anna@example.org",
    phone="+49 30 123456",
    street="Am Beispielbach",
    house_number="4",
    zipcode="80804",
    city="München",
    country="DE",
)
# seconds; longer than a test's client waits
SILENCE = 1.3
SANDBOX_TABLES = [table for name, table in Base.metadata.tables.items() if name.startswith("sandbox_")]
LETTERS = (Document("1.pdf", b"%PDF-1.7 first letter"), Document("2.pdf", b"%PDF-1.7 second letter"))


def a_handover(last_name: str = "Muster", **changes: Any) -> Handover:
    """A consumer's claim of 1,200 € with fee and interest, of which 200 € were paid."""
    plain: dict[str, Any] = {
        "reference": "8c1f0e5b7a2d4c3f9e6b1a0d",
        "debtor": replace(A_BUYER, last_name=last_name),
        "order_id": "M6B5zL7i",
        "product_name": "Konsole",
        "order_date": dt.date(2026, 1, 2),
        "due_date": dt.date(2026, 1, 2),
        "reminder_date": dt.date(2026, 1, 12),
        "delay_date": dt.date(2026, 1, 20),
        "principal": 120_000,
        "charges": (Charge("fee", 100, dt.date(2026, 1, 22)), Charge("interest", 512, dt.date(2026, 2, 4))),
        "payments": (PaymentMade(20_000, dt.date(2026, 1, 25)),),
        "scheme": 2,
        "vendor_name": "Beispiel Vertrieb",
    }
    return Handover(**plain | changes)


def make_sandbox(folder: Path) -> Flask:
    """The sandbox's API on an empty SQLite file."""
    app = build_sandbox(f"sqlite:///{folder / 'sandbox.db'}", SANDBOX_TOKEN)
    with app.app_context():
        Base.metadata.create_all(db.engine, tables=SANDBOX_TABLES)
    return app


def read_states(app: Flask) -> list[str]:
    """The state of every claim the sandbox has, oldest first."""
    with app.app_context():
        return list(db.session.scalars(select(SandboxClaim.submission_state).order_by(SandboxClaim.number)))


def count_documents(app: Flask) -> int:
    """How many different documents the sandbox has."""
    with app.app_context():
        return db.session.scalar(select(func.count(SandboxDocument.sha256.distinct()))) or 0


@dataclass
class FaultyServer:
    """Passes requests on to `app`; `faults` are used up from the front, None = no fault.

    `outage` is a fault that lasts until it is taken away; `on_call` is one for calls of a kind, as `POST claims`.
    """

    app: Any
    faults: list[str | None] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    outage: str | None = None
    on_call: dict[str, str] = field(default_factory=dict)
    ignores_filter: bool = False

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.calls.append(f"{method} {path}")
        if self.ignores_filter:
            environ["QUERY_STRING"] = re.sub(r"your_reference=\w+&?", "", environ["QUERY_STRING"])
        next_fault = self.faults.pop(0) if self.faults else None
        fault = self.outage or next_fault or self.on_call.pop(f"{method} {path.split('/')[2]}", None)
        if fault is None:
            return self.app(environ, start)
        if fault == "down":
            start("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        if fault == "missing":
            start("404 Not Found", [("Content-Length", "0")])
            return [b""]
        if fault == "refuse":
            start("422 Unprocessable Entity", [("Content-Type", "application/json")])
            return [b'{"documents": ["The contract is missing."]}']
        b"".join(self.app(environ, lambda *_: None))  # the partner takes it, the answer goes wrong
        if fault == "silence":
            time.sleep(SILENCE)
        if fault == "drop":
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        start("503 Service Unavailable" if fault == "late" else "200 OK", [("Content-Type", "text/html")])
        return [b"<html>Please come back later</html>"]


@contextmanager
def serve(app: Any, ssl_context: Any = None) -> Iterator[str]:
    """The base URL of a WSGI app on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=ssl_context)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{'https' if ssl_context else 'http'}://127.0.0.1:{server.server_port}/v1/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def talk_to(app: Any) -> Iterator[PartnerClient]:
    """A client of a WSGI app, over HTTP."""
    with serve(app) as url:
        yield PartnerClient(url, SANDBOX_TOKEN, timeout=(2, 5))


class AppTransport(SandboxTransport):
    """Answers from this very app."""

    def __init__(self, app: Flask) -> None:
        HTTPAdapter.__init__(self)
        self._app = app


def talk_inside(app: Flask) -> SandboxClient:
    """A client of an app, without a socket between them."""
    session = requests.Session()
    session.mount(IN_PROCESS_ORIGIN, AppTransport(app))
    return SandboxClient(IN_PROCESS_URL, SANDBOX_TOKEN, session)
