"""News from the partner: a webhook only says "look now". It is stored, then a job looks."""

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from dunning.actions.at_partner.deliveries import store_delivery
from dunning.outside.partner.webhook import (
    DELIVERY_ID,
    MOST_BYTES,
    SIGNATURE,
    DeliveryProblem,
    NotSigned,
    read_delivery,
)
from dunning.running import current_settings
from dunning.web.request.clock import read_now
from dunning.web.request.extensions import csrf, limiter

pages = Blueprint("partner_webhook", __name__)


@pages.post("/partner/webhook")
@csrf.exempt
@limiter.exempt
def take_delivery() -> Response:
    """200 stored, now or before, also an event nobody knows; 400 with what is wrong; 401 unsigned; 413 too large."""
    request.max_content_length = MOST_BYTES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return say(413, f"at most {MOST_BYTES} bytes")
    settings = current_settings()
    keys = (settings.partner_webhook_secret, settings.partner_webhook_secret_old)
    try:
        delivery = read_delivery(
            body, request.headers.get(SIGNATURE, ""), request.headers.get(DELIVERY_ID, ""), keys
        )
    except NotSigned:
        return say(401, "the signature is not right")
    except DeliveryProblem as problem:
        return say(400, str(problem))
    store_delivery(delivery.delivery_id, delivery.event, delivery.body, read_now())
    return say(200, "OK")


def say(status: int, text: str) -> Response:
    """Plain text: the reader is a machine and its log."""
    return current_app.response_class(text, status, mimetype="text/plain")
