"""The shapes of answers: 303 when done, 422 with what was typed, 409 with the reason; one-time form keys."""

import secrets
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect, render_template, request
from flask_login import current_user

from dunning.records import db
from dunning.records.people import FormKey
from dunning.web.request.current import current_person, read_form_key


def wants_fragment() -> bool:
    """True when htmx will put the answer into a part of the page; a boosted link asks for whole pages."""
    return request.headers.get("HX-Request-Type") == "partial"


def see_other(location: str) -> Response:
    """303 to the page that shows the result; htmx would swap it into a fragment and is told to go there."""
    if wants_fragment():
        return current_app.response_class(status=204, headers={"HX-Redirect": location})
    answer = redirect(location, 303)
    assert isinstance(answer, Response)  # noqa: S101 - Flask makes our own class, its stub does not say so
    return answer


def unprocessable(template: str, **values: object) -> Response:
    """422 with the same page, which shows the typed values again."""
    return make_response(render_template(template, **values), 422)


def local_path(target: str | None) -> str | None:
    """The target when it is a path of this site, else None: what a browser takes for a host is refused."""
    if not target or target[0] != "/" or target[1:2] in ("/", "\\"):
        return None
    if any(character <= " " or character in "\\\x7f" for character in target):
        return None
    return target


def page_before() -> str | None:
    """Path and query of the page of ours that the request came from."""
    source = urlsplit(request.referrer or "")
    if source.netloc != request.host:
        return None
    return local_path(source.path + (f"?{source.query}" if source.query else ""))


def new_form_key() -> str:
    """A one-time key for a form that changes money or status."""
    return secrets.token_urlsafe(16)


def answer_repeated() -> Response | None:
    """303 to where this person's first arrival with the form's key was sent; None for a first, or without a key."""
    form_key = read_form_key()
    if not form_key or not current_user.is_authenticated:
        return None
    row = db.session.get(FormKey, form_key)
    return see_other(row.location) if row and row.user_id == current_person().id else None
