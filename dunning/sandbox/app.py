"""A collection partner that runs here, for demo and tests: the documented API, with its refusals.

Three ways to it: in the caller's process (`sandbox_transport`), as its own process (`create_app`), or on
any WSGI server in a test. It knows nothing of cases; what it remembers is in its own tables.
"""

import os
from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy import NullPool

from dunning.records.database import db, prepare_engine

# importing them adds their calls to the API
from dunning.sandbox import claims as sandbox_claims  # noqa: F401
from dunning.sandbox import mandates as sandbox_mandates  # noqa: F401
from dunning.sandbox.frame import api, extra
from dunning.sandbox.page import page
from dunning.settings import Settings, SettingsError

SANDBOX_TOKEN = "sandbox-test-token"  # noqa: S105 - opens the sandbox only, which has no secrets
LARGEST_UPLOAD = 20_000_000
ROOT = Path(__file__).parents[2]


def create_app() -> Flask:
    """The sandbox as a process of its own, with settings from the environment."""
    return create_sandbox_app(Settings.from_environment(os.environ))


def create_sandbox_app(settings: Settings) -> Flask:
    """API and page on the database of the settings. Raises SettingsError in production."""
    if settings.production:
        raise SettingsError("DUNNING_ENV: the sandbox partner is for development only")
    app = build_sandbox(settings.database_url, settings.partner_token or SANDBOX_TOKEN)
    # cookies know no ports: the name keeps them apart from those of the web part on the same machine
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="sandbox_session",
        SANDBOX_OWN_WEBHOOK=name_own_webhook(settings),
    )
    app.register_blueprint(page)
    guard = CSRFProtect(app)
    guard.exempt(api)
    guard.exempt(extra)
    return app


def name_own_webhook(settings: Settings) -> tuple[str, str] | None:
    """Address and key of the web part beside us; None when it has no key to check our signature with."""
    if not settings.partner_webhook_secret:
        return None
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how to reach what listens everywhere
    host = everywhere.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.port}/partner/webhook", settings.partner_webhook_secret


def build_sandbox(database_url: str, token: str) -> Flask:
    """The API alone. A connection lives as long as a request: nothing stays open in forked workers."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool},
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        SANDBOX_TOKEN=token,
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.register_blueprint(api)
    app.register_blueprint(extra)
    return app
