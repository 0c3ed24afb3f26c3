"""Requests that never leave this process: `requests` on one side, the sandbox's WSGI app on the other.

The sandbox has its own connections to the database and its own transactions; the caller must not be inside
one (SQLite has one writer, and `transaction()` refuses to nest).
"""

import io
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from flask import Flask
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from werkzeug.test import EnvironBuilder, run_wsgi_app

from dunning.sandbox.app import build_sandbox

IN_PROCESS_ORIGIN = "http://localhost/"
IN_PROCESS_URL = f"{IN_PROCESS_ORIGIN}v1/"


class SandboxTransport(HTTPAdapter):
    """Answers the requests of a session from the sandbox on this database."""

    def __init__(self, database_url: str, token: str) -> None:
        super().__init__()
        self._app = share_sandbox(database_url, token)

    def send(  # type: ignore[override]  # times, certificates and proxies mean nothing inside a process
        self, request: requests.PreparedRequest, **_options: object
    ) -> requests.Response:
        body, status, headers = run_wsgi_app(self._app, make_environment(request), buffered=True)
        raw = HTTPResponse(
            body=io.BytesIO(b"".join(body)),
            headers=dict(headers),
            status=int(status.split()[0]),
            preload_content=False,
        )
        return self.build_response(request, raw)


@lru_cache(maxsize=1)
def share_sandbox(database_url: str, token: str) -> Flask:
    """One sandbox per process: building it costs more than a hundred of its answers."""
    app = build_sandbox(database_url, token)
    # a mistake of ours inside this process is raised, not dressed up as the partner's answer 500
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


def make_environment(request: requests.PreparedRequest) -> dict[str, Any]:
    """The WSGI environment of a prepared request."""
    parts = urlsplit(request.url or "")
    body = request.body or b""
    builder = EnvironBuilder(
        path=unquote(str(parts.path)),
        query_string=str(parts.query),
        method=request.method or "GET",
        headers=list(request.headers.items()),
        data=body.encode() if isinstance(body, str) else body,
    )
    try:
        return builder.get_environ()
    finally:
        builder.close()
