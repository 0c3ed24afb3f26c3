"""Orders in: the platform tells what happened, one signed event at a time. It hears OK once the event is stored.

The path is short on purpose: no session, no page, one look at the secret, one insert. What the event means is worked
out afterwards, when the bell has rung.
"""

from flask import Blueprint

from dunning.actions.orders.inbox import store_event
from dunning.clock import read_now
from dunning.outside.platform.ipn import MOST_BYTES, SIGNATURE, read_event
from dunning.rules.orders.events import OrderEvent
from dunning.running import current_settings
from dunning.web.doors.signed import signed_door

pages = Blueprint("ipn", __name__)


@pages.post("/ipn/<int:vendor_id>")
@signed_door(SIGNATURE, MOST_BYTES)
def take_event(body: bytes, signature: str, vendor_id: int) -> None:
    """Stored, now or before. A vendor nobody knows is one whose signature is not right."""
    timezone, now = current_settings().timezone, read_now()

    def read_signed(secret: str | None) -> OrderEvent:
        return read_event(body, signature, secret, now, timezone)

    store_event(vendor_id, read_signed, body.decode(errors="replace"), now)
