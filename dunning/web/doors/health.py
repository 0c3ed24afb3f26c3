"""For load balancers: alive means the process answers, ready that it can work."""

from flask import Blueprint, Response, current_app, json
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dunning.migrations.commands import read_revisions
from dunning.records import db

pages = Blueprint("health", __name__)


@pages.get("/livez")
def answer_alive() -> Response:
    """200 as long as this process answers."""
    return answer_state({})


@pages.get("/readyz")
def answer_ready() -> Response:
    """200, or 503 with each part that fails."""
    return answer_state(find_failures())


def find_failures() -> dict[str, str]:
    """What keeps this process from working, by part."""
    try:
        db.session.execute(text("select 1"))
        present, newest = read_revisions()
    except SQLAlchemyError as error:
        return {"database": type(error).__name__}
    if present != newest:
        return {"migrations": f"at {present or 'nothing'}, code expects {newest}"}
    return {}


def answer_state(failures: dict[str, str]) -> Response:
    """JSON for machines and readable for people."""
    body = json.dumps({"ok": not failures, "failing": failures})
    return current_app.response_class(body + "\n", 503 if failures else 200, mimetype="application/json")
