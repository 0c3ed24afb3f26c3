"""What a log line says of the request it is about: never a token, a query or a name."""

import re

from flask import g, request

# `<int:case_id>` or `<token>` of a route
PART = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
NO_PAGE = "no page"


def name_path() -> str:
    """The route, with the numbers of rows in it: `/admin/cases/7`, but `/password/reset/<token>`.

    An address that is no page of ours is not repeated: it may be one with a letter too many.
    """
    if request.url_rule is None:
        return NO_PAGE
    given = request.view_args or {}
    return PART.sub(lambda part: _show(part, given.get(part[1])), request.url_rule.rule)


def _show(part: re.Match[str], value: object) -> str:
    return str(value) if isinstance(value, int) else f"<{part[1]}>"


def name_reader() -> int | None:
    """Who is logged in, when this request had to know."""
    person = g.get("_login_user")  # where Flask-Login keeps it; asking it would ask the database
    return getattr(person, "id", None)
