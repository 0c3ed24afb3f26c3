"""Before anything runs: the database is migrated and, on the first start of a demonstration, filled."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url

from dunning import create_app
from dunning.cli.demo import show_days
from dunning.clock import read_now
from dunning.demo.load import has_vendors, load_demo
from dunning.demo.people import LOGINS
from dunning.migrations.commands import upgrade_schema
from dunning.records.database import db
from dunning.records.people import User
from dunning.settings import Settings


def prepare_database(settings: Settings, say: Callable[[str], None]) -> bool:
    """Migrates; in development an empty database gets the demonstration. True when its logins are there."""
    file = find_file(settings)
    if file is None or file.exists() or settings.production:
        return fill_database(settings, say)
    # a first start that is broken off leaves no half demonstration behind: the file gets its name when it is done
    draft = file.with_name(f"{file.name}.draft")
    for rest in draft.parent.glob(f"{draft.name}*"):
        rest.unlink()
    has_demo = fill_database(replace(settings, database_url=f"sqlite:///{draft}"), say)
    with closing(sqlite3.connect(draft)) as connection:
        connection.execute(
            "pragma journal_mode=delete"
        )  # folds the log in; fails while anybody else is there
    draft.rename(file)
    return has_demo


def find_file(settings: Settings) -> Path | None:
    """The file of an SQLite database."""
    url = make_url(settings.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def fill_database(settings: Settings, say: Callable[[str], None]) -> bool:
    """Migrations, then the demonstration where there is nothing."""
    with create_app(settings).app_context():
        upgrade_schema()
        empty, has_demo = not has_vendors(), has_logins()
        db.session.remove()
        db.engine.dispose()
    if settings.production or not empty:
        return has_demo
    say("First start: loading demo data, this takes about half a minute.")
    load_demo(settings, read_now(), show_days)
    return True


def has_logins() -> bool:
    """Whether somebody can log in as in the demonstration."""
    demo = select(User.id).where(User.email == LOGINS[0].email)
    return db.session.scalar(demo) is not None
