"""The one door for machines that sign what they send. Who can sign needs no token of a page and is not slowed down."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from dunning.outside.signed import BodyProblem, NotSigned
from dunning.web.request.extensions import csrf, limiter

Place = ParamSpec("Place")
# gets the raw body, its signature and what the address says; returns once all is stored
Take = Callable[Concatenate[bytes, str, Place], None]


def signed_door(header: str, most_bytes: int) -> Callable[[Take[Place]], Callable[Place, Response]]:
    """Makes a view of a Take: 200 taken, 400 with what is wrong, 401 unsigned, 413 more than `most_bytes`."""

    def make_view(take: Take[Place]) -> Callable[Place, Response]:
        @wraps(take)
        def answer(*args: Place.args, **place: Place.kwargs) -> Response:
            request.max_content_length = most_bytes
            try:
                take(request.get_data(cache=False), request.headers.get(header, ""), *args, **place)
            except RequestEntityTooLarge:
                return say(413, f"at most {most_bytes} bytes")
            except NotSigned:
                return say(401, "the signature is not right")
            except BodyProblem as problem:
                return say(400, str(problem))
            return say(200, "OK")

        vars(answer)["raw"] = True
        csrf.exempt(answer)
        limiter.exempt(answer)
        return answer

    return make_view


def say(status: int, text: str) -> Response:
    """Plain text: the reader is a machine and its log."""
    return current_app.response_class(text, status, mimetype="text/plain")
