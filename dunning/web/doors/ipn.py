"""Orders in: the platform tells what happened, one signed event at a time. It hears OK once the event is stored.

The path is short on purpose: no session, no page, one look at the secret, one insert. What the event means is worked
out afterwards, when the bell has rung.
"""

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from dunning.actions.orders.inbox import store_event
from dunning.outside.platform.ipn import MOST_BYTES, IpnProblem, NotSigned, read_event
from dunning.rules.orders.events import OrderEvent
from dunning.running import current_settings
from dunning.web.request.clock import read_now
from dunning.web.request.extensions import csrf, limiter

SIGNATURE = "X-Copecart-Signature"

pages = Blueprint("ipn", __name__)


@pages.post("/ipn/<int:vendor_id>")
@csrf.exempt
@limiter.exempt
def take_event(vendor_id: int) -> Response:
    """200 stored, now or before; 400 with what is wrong; 401 unsigned, or a vendor nobody knows; 413 too large."""
    request.max_content_length = MOST_BYTES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return say(413, f"at most {MOST_BYTES} bytes")
    signature, timezone, now = request.headers.get(SIGNATURE, ""), current_settings().timezone, read_now()

    def read_signed(secret: str | None) -> OrderEvent:
        return read_event(body, signature, secret, now, timezone)

    try:
        store_event(vendor_id, read_signed, body.decode(errors="replace"), now)
    except NotSigned:
        return say(401, "the signature is not right")
    except IpnProblem as problem:
        return say(400, str(problem))
    return say(200, "OK")


def say(status: int, text: str) -> Response:
    """Plain text: the reader is a machine and its log."""
    return current_app.response_class(text, status, mimetype="text/plain")
