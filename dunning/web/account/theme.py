"""Light or dark: by choice (a cookie, set on the server), without one as the system (theme.js)."""

from flask import Blueprint, Flask, Response, request, url_for
from werkzeug.exceptions import BadRequest

from dunning.web.request.answers import page_before, see_other
from dunning.web.request.language import keep_choice

THEMES = ("light", "dark")
COOKIE = "theme"

pages = Blueprint("theme", __name__)


def add_theme(app: Flask) -> None:
    """Gives templates `theme()`: `light`, `dark`, or `` when the system decides."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(theme=read_theme)


def read_theme() -> str:
    """The chosen theme; empty when none was chosen."""
    theme = request.cookies.get(COOKIE, "")
    return theme if theme in THEMES else ""


@pages.post("/theme")
def choose_theme() -> Response:
    """Keeps the choice and goes back to the page the form was on."""
    theme = request.form.get("theme")
    if theme not in THEMES:
        raise BadRequest
    answer = see_other(page_before() or url_for("auth.go_home"))
    keep_choice(answer, COOKIE, theme)
    return answer
