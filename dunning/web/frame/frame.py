"""Puts the web part together: extensions, guards in their order, pages, errors."""

import secrets
import time
from pathlib import Path

import structlog
from flask import Flask, Response, g, request
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from dunning.log import configure_logging
from dunning.migrations import commands
from dunning.records import db
from dunning.records.database import prepare_engine
from dunning.sandbox import page as sandbox_page
from dunning.settings import Settings
from dunning.web.account import auth, theme
from dunning.web.frame import access, alarms, headers, menu
from dunning.web.frame.pages import PAGES
from dunning.web.frame.slow_bodies import SlowBodies
from dunning.web.request import language, limits, scope
from dunning.web.request.extensions import csrf, limiter
from dunning.web.request.trace import name_path, name_reader
from dunning.web.words import errors, formats

ROOT = Path(__file__).parents[3]

ONE_YEAR, ONE_HOUR = 31_536_000, 3_600

log = structlog.get_logger("dunning.web")


class Site(Flask):
    """Flask, with static files kept for as long as their address says."""

    def get_send_file_max_age(self, filename: str | None) -> int:
        """Seconds a browser may keep a static file: long with the content's hash in its address."""
        return ONE_YEAR if "v" in request.args else ONE_HOUR


def build_app(settings: Settings) -> Flask:
    """The app. What runs before each request runs in the order it is added here."""
    configure_logging()
    app = Site("dunning", root_path=str(ROOT), instance_path=str(settings.home))
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.config.from_mapping(choose_config(settings))
    app.wsgi_app = limits.NamedHosts(SlowBodies(app.wsgi_app))  # type: ignore[method-assign]
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]
    add_database(app)
    log_requests(app)
    limits.add_limits(app)
    csrf.init_app(app)
    limiter.init_app(app)
    language.add_languages(app)
    formats.add_formats(app)
    menu.add_menu(app)
    alarms.add_alarms(app)
    theme.add_theme(app)
    auth.add_logins(app)
    scope.add_links(app)
    for pages in PAGES if settings.production else (*PAGES, sandbox_page.page):
        app.register_blueprint(pages)
    access.guard_endpoints(app)
    headers.add_headers(app, production=settings.production)
    errors.add_errors(app)
    app.cli.add_command(commands.database)
    return app


def choose_config(settings: Settings) -> dict[str, object]:
    """Our settings in the words of Flask and its extensions."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.production else "session",
        "SESSION_COOKIE_SECURE": settings.production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # a token lives as long as its session: a page left open over lunch can still be sent
        "WTF_CSRF_TIME_LIMIT": None,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # an error's message must not carry a buyer's data into the log
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_pre_ping": True},
        "RATELIMIT_STORAGE_URI": settings.redis_url.replace("unix://", "redis+unix://", 1),
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        "RATELIMIT_KEY_PREFIX": "limit",
    }


def add_database(app: Flask) -> None:
    """One handle for both databases."""
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def log_requests(app: Flask) -> None:
    """One line per request: what, how it went, how long, from where and by whom.

    A login that failed is `POST /login` with 422, one too many with 429; the query stays out, it may hold a name.
    """

    @app.before_request
    def begin_request() -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=secrets.token_hex(6))
        g.began = time.perf_counter()

    @app.after_request
    def note_request(response: Response) -> Response:
        spent = (time.perf_counter() - g.began) * 1000
        facts = {"method": request.method, "path": name_path(), "status": response.status_code}
        log.info("request", **facts, ms=round(spent, 1), client=request.remote_addr, user=name_reader())
        return response
