"""For load balancers: alive means the process answers, ready that it can work."""

from flask import Blueprint, Response, current_app, json
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dunning.migrations.commands import is_behind, read_revisions
from dunning.records import db
from dunning.records.queries.run_days import find_day_ahead
from dunning.web.request.current import current_desk

pages = Blueprint("health", __name__)


@pages.get("/livez")
def answer_alive() -> Response:
    """200 as long as this process answers."""
    return answer_state({})


@pages.get("/readyz")
def answer_ready() -> Response:
    """200, or 503 with each part that fails; a warning keeps nobody from working."""
    failures = find_failures()
    return answer_state(failures, {} if failures else find_warnings())


def find_failures() -> dict[str, str]:
    """What keeps this process from working, by part."""
    try:
        db.session.execute(text("select 1"))
        present, newest = read_revisions()
        behind = is_behind(present)
    except SQLAlchemyError as error:
        return {"database": type(error).__name__}
    if behind:
        return {"migrations": f"at {present or 'nothing'}, code expects {newest}"}
    return {}


def find_warnings() -> dict[str, str]:
    """What somebody should look after, by part."""
    ahead = find_day_ahead(db.session(), current_desk().today)
    return {"clock": f"{ahead} was noted before it came"} if ahead else {}


def answer_state(failures: dict[str, str], warnings: dict[str, str] | None = None) -> Response:
    """JSON for machines and readable for people."""
    told = {"warnings": warnings} if warnings else {}
    body = json.dumps({"ok": not failures, "failing": failures, **told})
    return current_app.response_class(body + "\n", 503 if failures else 200, mimetype="application/json")
