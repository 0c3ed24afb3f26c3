"""What an IPN costs at the very least: Flask, the signature, one insert. Nothing is parsed but what the row needs."""

import base64
import hashlib
import hmac
import json
import os

from flask import Flask, Response, abort, request
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine(os.environ.get("DATABASE_URL", "sqlite://"))
SECRET = os.environ.get("BENCH_SECRET", "").encode()
INSERT = text(
    "insert into inbox_events (vendor_id, event_key, event_type, order_id, body, received_at, state, reason) "
    "values (:vendor_id, :event_key, :event_type, :order_id, :body, now(), 'new', '') "
    "on conflict (vendor_id, event_key) do nothing"
)


@app.post("/ipn/<int:vendor_id>")
def take_event(vendor_id: int) -> Response:
    """Verifies and inserts."""
    body = request.get_data()
    digest = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest())
    if not hmac.compare_digest(digest, request.headers["X-Copecart-Signature"].encode()):
        abort(401)
    event = json.loads(body)
    key = f"{event['event_type']}:{event['transaction_id']}"
    row = {"vendor_id": vendor_id, "event_key": key, "body": body.decode()}
    with engine.begin() as connection:
        connection.execute(INSERT, row | {name: event[name] for name in ("event_type", "order_id")})
    return Response("OK", mimetype="text/plain")
