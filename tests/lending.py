"""Apps to lend: building one takes longer than many a test, so a process has one for each test at a time.

An app for development is bound anew to the settings of the test that gets it: its home, its database, its secret, its
counters. Whoever needs another app than that (production, pages of the test's own) calls `create_app` itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from dunning import create_app
from dunning.log import configure_logging
from dunning.records import db
from dunning.records.database import prepare_engine
from dunning.settings import Settings
from dunning.web.frame.frame import choose_config
from dunning.web.request.extensions import limiter
from tests.sharing import share_templates

_free: list[Flask] = []
_configs: dict[Flask, dict[str, Any]] = {}


def forget_power_cuts(engine: Engine) -> None:
    """As the PostgreSQL of tests does: nobody pulls the plug here, and to wait for the disk takes its time."""
    if engine.dialect.name == "sqlite":
        event.listen(
            engine, "connect", lambda connection, _record: connection.execute("pragma synchronous=off")
        )


@contextmanager
def lend_app(settings: Settings) -> Iterator[Flask]:
    """An app with these settings that no other test has."""
    if settings.production or settings.trusted_proxies:
        yield create_app(settings)
        return
    app = bind_app(_free.pop(), settings) if _free else build_app(settings)
    try:
        yield app
    finally:
        _free.append(app)


def build_app(settings: Settings) -> Flask:
    """One more, with its configuration noted."""
    app = create_app(settings)
    with app.app_context():
        forget_power_cuts(db.engine)
    share_templates(app)
    _configs[app] = dict(app.config)
    return app


def bind_app(app: Flask, settings: Settings) -> Flask:
    """What `create_app` would have made of these settings."""
    configure_logging()
    app.instance_path = str(settings.home)
    app.config.clear()
    app.config.update(_configs[app] | choose_config(settings))
    limiter.init_app(app)
    with app.app_context():
        options = {"url": settings.database_url, **app.config["SQLALCHEMY_ENGINE_OPTIONS"]}
        db._apply_driver_defaults(options, app)
        db.engines[None] = db._make_engine(None, options, app)
        prepare_engine(db.engine)
        forget_power_cuts(db.engine)
    return app
