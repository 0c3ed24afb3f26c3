"""What no honest browser sends is refused before anything reads it: sizes, counts, NUL bytes."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, abort, current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST_BYTES = 20 * 1024 * 1024
MOST_FORM_BYTES = 1024 * 1024
MOST_FIELDS = 1000
PLAIN_FORM, UPLOAD_FORM = "application/x-www-form-urlencoded", "multipart/form-data"
NUL = "\0"
# RFC 1123, with a port; or an address of IPv6
LABEL = "[A-Za-z0-9_-]{1,63}"
named_host = re.compile(
    rf"((?=.{{1,253}}(:|$)){LABEL}(\.{LABEL})*\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(:[0-9]{{1,5}})?"
)
NO_HOST, ODD_HOST = "invalid", "mahnlauf.odd_host"
LARGEST_KEY = 2**63 - 1  # what a key of the database can hold


class NamedHosts:
    """WSGI middleware: a Host that names none is put aside and refused later, by a page that needs one to be drawn."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not named_host.fullmatch(environ.get("HTTP_HOST") or NO_HOST):
            environ[ODD_HOST], environ["HTTP_HOST"] = True, NO_HOST
        return self.app(environ, start_response)


class KeyConverter(IntegerConverter):
    """`<int:…>` in an address: a number no row can have is a page that does not exist."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_KEY)


def add_limits(app: Flask) -> None:
    """Larger bodies are 413, more fields or a NUL byte 400. Must come before whatever reads the form."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_FORM_BYTES
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    app.before_request(refuse_strange_input)
    app.url_map.converters["int"] = KeyConverter


def refuse_strange_input() -> None:
    """400 for a host that is none, too many parameters, and a NUL byte in the path or in any parameter."""
    if ODD_HOST in request.environ:
        abort(400)
    if request.query_string.count(b"&") >= MOST_FIELDS:
        abort(400)
    refuse_fields(request.args.items(multi=True))
    if NUL in request.path:
        abort(400)
    if takes_raw_body():
        return
    if request.mimetype == PLAIN_FORM:
        # the limits of parts and of memory are for uploads only: a plain form is read at once
        request.max_content_length = MOST_FORM_BYTES
    # other bodies (JSON) belong to their views
    if request.mimetype in (PLAIN_FORM, UPLOAD_FORM):
        refuse_fields(request.form.items(multi=True))


def takes_raw_body() -> bool:
    """A signed body belongs to its view byte for byte, whatever its sender calls it: read as a form it is gone."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "raw", False))


def refuse_fields(fields: Iterable[tuple[str, str]]) -> None:
    """400 for more than MOST_FIELDS or a NUL byte."""
    for count, (name, value) in enumerate(fields, start=1):
        if count > MOST_FIELDS or NUL in name or NUL in value:
            raise BadRequest
