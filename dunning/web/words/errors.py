"""Errors in the reader's words; what went wrong inside has an incident number and is in the log only."""

import secrets

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from dunning.actions.dossier.refusals import NotFound
from dunning.records import db
from dunning.rules.statuses import Refused
from dunning.web.request.answers import answer_repeated, wants_fragment
from dunning.web.request.trace import name_path
from dunning.web.words.labels import describe_refusal

log = structlog.get_logger("dunning.web")


def add_errors(app: Flask) -> None:
    """One page for each kind of error, in place of the framework's."""
    app.register_error_handler(CSRFError, show_stale_form)
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(NotFound, show_missing)
    app.register_error_handler(Refused, show_refusal)
    app.register_error_handler(IntegrityError, show_first_result)
    app.register_error_handler(Exception, show_incident)


def describe_error(status: int) -> tuple[str, str]:
    """Title and advice for a status."""
    words = {
        400: (_("This request cannot be understood"), _("Check the address, or start again from the menu.")),
        401: (_("Please log in"), _("Your session has ended.")),
        403: (_("This is not allowed"), _("Your account cannot do this.")),
        404: (_("This page does not exist"), _("It may belong to somebody else, or the address is wrong.")),
        405: (_("This does not work here"), _("Go back and use the button of the page.")),
        409: (_("Somebody was faster"), _("The case has changed meanwhile. Reload the page.")),
        413: (_("This is too large"), _("At most 20 MB can be uploaded at once.")),
        415: (_("This kind of file is not understood"), _("Use one of the kinds the page names.")),
        422: (_("This cannot be done yet"), _("Something is missing or wrong.")),
        429: (_("Too many attempts"), _("Wait 15 minutes, then try again.")),
    }
    return words.get(status, (_("Something went wrong"), _("Nothing was saved. Try again.")))


def show_error(error: HTTPException) -> Response:
    """A page for an error the framework or a view raised."""
    if error.code is None or error.code < 400 or error.code >= 500:
        return show_incident(error)
    title, advice = describe_error(error.code)
    answer = answer_error(error.code, title, advice)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def show_stale_form(_error: CSRFError) -> Response:
    """400: the form's token is missing or belongs to a session that has ended."""
    return answer_error(400, _("This form has expired"), _("Reload the page and send it again."))


def show_missing(_error: NotFound) -> Response:
    """404 for what does not exist and for what belongs to somebody else, alike."""
    return answer_error(404, *describe_error(404))


def show_refusal(error: Refused) -> Response:
    """409: the status does not allow it; says the status and what it does allow."""
    return answer_conflict(describe_refusal(error))


def answer_conflict(advice: str, offer: tuple[str, str] = ("", "")) -> Response:
    """409: somebody was faster, or something else stands against it; `offer` as in `answer_error`.

    The second half of a double click, which lost the race to the first, is shown what that one did.
    """
    return answer_repeated() or answer_error(409, describe_error(409)[0], advice, offer)


def show_first_result(error: IntegrityError) -> Response:
    """303 when another arrival of the same form was faster: its one-time key is what collided."""
    db.session.rollback()
    return answer_repeated() or show_incident(error)


def answer_error(status: int, title: str, advice: str, offer: tuple[str, str] = ("", "")) -> Response:
    """A page; for a fragment one line in the alert region, so that no row is lost.

    `offer`: address and words of what can be done instead.
    """
    if not wants_fragment():
        # an address with a parameter nobody understands: the same page without parameters is the way out
        reset = request.path if status == 400 and request.method == "GET" and request.args else ""
        page = render_template("error.html", title=title, advice=advice, reset=reset, offer=offer)
        return make_response(page, status)
    line = render_template("_alert.html", title=title, advice=advice, offer=offer)
    answer = make_response(line, status)
    answer.headers.update({"HX-Retarget": "#alert", "HX-Reswap": "innerHTML"})
    return answer


def show_incident(error: Exception) -> Response:
    """500 with a number to quote. The page asks nobody who is reading it: the database may be what failed."""
    number = secrets.token_hex(4)
    log.error("request failed", incident=number, path=name_path(), exc_info=error)
    g.without_person = True
    return make_response(render_template("incident.html", number=number), 500)
