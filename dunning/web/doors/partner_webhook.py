"""News from the partner: a webhook only says "look now". It is stored, then a job looks."""

from flask import Blueprint, request

from dunning.actions.at_partner.deliveries import store_delivery
from dunning.clock import read_now
from dunning.outside.partner.webhook import DELIVERY_ID, MOST_BYTES, SIGNATURE, read_delivery
from dunning.running import current_settings
from dunning.web.doors.signed import signed_door

pages = Blueprint("partner_webhook", __name__)


@pages.post("/partner/webhook")
@signed_door(SIGNATURE, MOST_BYTES)
def take_delivery(body: bytes, signature: str) -> None:
    """Stored, now or before, also an event nobody knows."""
    settings = current_settings()
    keys = (settings.partner_webhook_secret, settings.partner_webhook_secret_old)
    delivery = read_delivery(body, signature, request.headers.get(DELIVERY_ID, ""), keys)
    store_delivery(delivery.delivery_id, delivery.event, delivery.body, read_now())
