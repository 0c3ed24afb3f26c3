"""Events of orders as the platform sends them: signed JSON, with the names of the contract."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from dunning.actions.orders.inbox import store_event
from dunning.desk import BERLIN
from dunning.outside.platform.ipn import parse_event
from dunning.records import db, transaction
from dunning.records.inbox import InboxEvent
from dunning.records.people import Vendor
from tests.builders import a_vendor

SECRET = "mR2-shared-with-the-platform"
BODY: dict[str, Any] = {
    "event_type": "payment.pending",
    "order_id": "M6B5zL7i",
    "transaction_id": "T1",
    "transaction_type": "sale",
    "transaction_amount": 100.5,
    "transaction_currency": "EUR",
    "transaction_date": "2026-01-02",
    "transaction_processed_at": "2026-01-02T10:15:00+01:00",
    "order_date": "2026-01-02",
    "payment_method": "invoice",
    "payment_plan": "one_time_payment",
    "product_id": 4711,
    "product_name": "Onlinekurs Bildbearbeitung",
    "buyer_id": "B-1",
    "buyer_firstname": "Anna",
    "buyer_lastname": "Muster",
    "buyer_company_name": None,
    "buyer_email": "anna@example.org",
    "buyer_phone_number": "+49 30 123456",
    "buyer_street": "Am Beispielbach",
    "buyer_house_number": "4",
    "buyer_zipcode": "80804",
    "buyer_city": "München",
    "buyer_country_code": "DE",
    "test_payment": False,
    "tags": ["kurs"],
    "metadata": {"campaign": "herbst"},
}


def an_ipn(event_type: str = "pending", **changes: Any) -> dict[str, Any]:
    """The body of an event; a field changed to `...` is left out."""
    body = BODY | {"event_type": f"payment.{event_type}"} | changes
    return {name: value for name, value in body.items() if value is not ...}


def write_ipn(body: dict[str, Any]) -> bytes:
    """The body as bytes, as any JSON library writes it."""
    return json.dumps(body).encode()


def sign(body: bytes, secret: str = SECRET) -> str:
    """The value of the signature header."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def send_ipn(app: Flask, vendor_id: int, body: bytes, signature: str | None = None) -> TestResponse:
    """POSTs a body, rightly signed unless said otherwise."""
    headers = {"X-Copecart-Signature": sign(body) if signature is None else signature}
    return app.test_client().post(f"/ipn/{vendor_id}", data=body, headers=headers)


def a_signing_vendor(secret: str | None = SECRET, **settings: Any) -> int:
    """A vendor whose events the platform signs."""
    vendor_id = a_vendor(**settings)
    with transaction() as session:
        session.get_one(Vendor, vendor_id).ipn_secret = secret
    return vendor_id


def read_inbox() -> list[InboxEvent]:
    """Every event, oldest first, as it stands now."""
    db.session.rollback()
    query = db.select(InboxEvent).order_by(InboxEvent.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def put_event(vendor_id: int, body: bytes, now: dt.datetime) -> None:
    """Into the inbox without HTTP and signature."""
    store_event(vendor_id, lambda _secret: parse_event(body, now, BERLIN), body.decode(), now)
