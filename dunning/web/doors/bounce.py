"""Bounces in: the mail provider tells which mail came back, signed with our common secret."""

from flask import Blueprint

from dunning.actions.letters.note_bounce import note_bounce
from dunning.outside.mail.bounce import MOST_BYTES, SIGNATURE, read_bounce
from dunning.running import current_settings
from dunning.web.doors.signed import signed_door
from dunning.web.request.current import current_desk

pages = Blueprint("bounce", __name__)


@pages.post("/mail/bounce")
@signed_door(SIGNATURE, MOST_BYTES)
def take_bounce(body: bytes, signature: str) -> None:
    """Noted, now or before; one of a mail nobody knows is taken all the same."""
    bounce = read_bounce(body, signature, current_settings().bounce_secret)
    permanent, desk = bounce.permanent, current_desk()
    note_bounce(bounce.mail_reference, bounce.recipient, bounce.reason, desk, permanent=permanent)
