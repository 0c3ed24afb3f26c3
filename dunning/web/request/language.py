"""The page's language: the link just followed, the cookie, the user's own, German."""

from urllib.parse import quote, urlencode

from flask import Flask, Response, abort, g, request, url_for
from flask_babel import get_locale
from flask_login import current_user

from dunning.running import current_settings
from dunning.web.request.answers import see_other
from dunning.web.request.extensions import babel

LANGUAGES = ("de", "en")
COOKIE = "lang"
ONE_YEAR = 31_536_000


def add_languages(app: Flask) -> None:
    """Chooses the language of each request and follows `?lang=` on any page."""
    app.config.update(BABEL_DEFAULT_LOCALE="de", BABEL_TRANSLATION_DIRECTORIES="translations")
    babel.init_app(app, locale_selector=choose_language)
    app.before_request(switch_language)
    app.jinja_env.globals.update(language=read_language, link_language=link_language)


def choose_language() -> str:
    """German unless the cookie or the user says otherwise."""
    if request.cookies.get(COOKIE) in LANGUAGES:
        return request.cookies[COOKIE]
    own = None if g.get("without_person") else getattr(current_user, "language", None)
    return own if own in LANGUAGES else "de"


def read_language() -> str:
    """`de` or `en`, of this request."""
    locale = get_locale()
    # str(locale) costs more, and every amount on a page asks
    return str(locale.language) if locale else "de"


def link_language(language: str) -> str:
    """The page in this language: the same filters, or home when it is the answer to a form."""
    if request.method != "GET":
        return url_for("auth.go_home", lang=language)
    return same_page([*drop_choice(), ("lang", language)])


def drop_choice() -> list[tuple[str, str]]:
    """The present query without the choice of a language."""
    return [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]


def switch_language() -> Response | None:
    """`?lang=en` keeps the choice in a cookie and goes to the same address without it."""
    if request.method != "GET" or "lang" not in request.args:
        return None
    if request.args["lang"] not in LANGUAGES:
        abort(400)
    answer = see_other(same_page(drop_choice()))
    keep_choice(answer, COOKIE, request.args["lang"])
    return answer


def same_page(query: list[tuple[str, str]]) -> str:
    """The present path with another query. One leading slash only: `//host` would leave the house."""
    path = quote("/" + request.path.lstrip("/\\"))
    return f"{path}?{urlencode(query)}" if query else path


def keep_choice(answer: Response, name: str, value: str) -> None:
    """A cookie for a choice that is nobody's secret."""
    answer.set_cookie(
        name, value, max_age=ONE_YEAR, samesite="Lax", httponly=True, secure=current_settings().production
    )
