"""Bounces in: the mail provider tells which mail came back, signed with our common secret."""

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from dunning.actions.letters.note_bounce import note_bounce
from dunning.outside.mail.bounce import MOST_BYTES, BounceProblem, NotSigned, read_bounce
from dunning.running import current_settings
from dunning.web.request.clock import current_desk
from dunning.web.request.extensions import csrf, limiter

SIGNATURE = "X-Signature"

pages = Blueprint("bounce", __name__)


@pages.post("/mail/bounce")
@csrf.exempt
@limiter.exempt
def take_bounce() -> Response:
    """200 noted, now or before, or of a mail nobody knows; 400 with what is wrong; 401 unsigned; 413 too large."""
    request.max_content_length = MOST_BYTES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return say(413, f"at most {MOST_BYTES} bytes")
    try:
        bounce = read_bounce(body, request.headers.get(SIGNATURE, ""), current_settings().bounce_secret)
    except NotSigned:
        return say(401, "the signature is not right")
    except BounceProblem as problem:
        return say(400, str(problem))
    permanent, desk = bounce.permanent, current_desk()
    note_bounce(bounce.mail_reference, bounce.recipient, bounce.reason, desk, permanent=permanent)
    return say(200, "OK")


def say(status: int, text: str) -> Response:
    """Plain text: the reader is a machine and its log."""
    return current_app.response_class(text, status, mimetype="text/plain")
