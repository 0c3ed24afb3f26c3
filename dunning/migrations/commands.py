"""`flask db …`: brings the database to the schema this code expects."""

from collections.abc import Callable
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask.cli import AppGroup
from sqlalchemy import Connection, text

from dunning.records import db, transaction
from dunning.running import current_settings

VERSIONS = Path(__file__).parent / "versions"
UPGRADE_LOCK = 7_205_759  # any number, the same for every process

database = AppGroup("db", help="Migrations.")


def make_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def run_locked(work: Callable[[Config], object]) -> None:
    """Runs an Alembic command in one transaction, one process at a time (SQLite: BEGIN IMMEDIATE)."""
    with transaction() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            work(make_config(connection))
        else:
            begin_unlinked(connection)
            work(make_config(connection))
            if orphans := connection.exec_driver_sql("pragma foreign_key_check").all():
                raise RuntimeError(f"rows that belong to nothing any more: {orphans[:10]}")


def begin_unlinked(connection: Connection) -> None:
    """SQLite changes a table by copying it, and would not let the old one go while other tables' rows belong to it.

    What looks after that can be switched off outside of a transaction only; the connection is not used again.
    """
    connection.detach()
    for statement in ("rollback", "pragma foreign_keys=off", "begin immediate"):
        connection.exec_driver_sql(statement)


def upgrade_schema(revision: str = "head") -> None:
    """Applies what is missing, up to a revision."""
    run_locked(lambda config: command.upgrade(config, revision))


def downgrade_schema(revision: str = "base") -> None:
    """Takes back everything after a revision; `base` leaves an empty database."""
    run_locked(lambda config: command.downgrade(config, revision))


def read_revisions() -> tuple[str | None, str | None]:
    """The revision the database is at, and the newest one of the code."""
    present = MigrationContext.configure(db.session.connection()).get_current_revision()
    return present, ScriptDirectory.from_config(make_config()).get_current_head()


def is_behind(present: str | None) -> bool:
    """Whether the database lacks what this code needs. One that newer code has upgraded is none of that."""
    scripts = ScriptDirectory.from_config(make_config())
    earlier = {script.revision for script in scripts.walk_revisions()} - {scripts.get_current_head()}
    return present is None or present in earlier


@database.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Apply the migrations that are missing."""
    upgrade_schema(revision)


@database.command("downgrade")
@click.argument("revision", default="-1")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, yes: bool) -> None:
    """Take back the last migration, or all after REVISION, and lose what only it keeps. Never in production."""
    if current_settings().production:
        raise click.ClickException("in production no migration is taken back: restore a backup instead")
    if not yes:
        click.confirm(
            f"Drop what the migrations after {revision} have made, with all that is in it?", abort=True
        )
    downgrade_schema(revision)


@database.command("current")
def current() -> None:
    """Print the revision the database is at, and the newest one."""
    present, newest = read_revisions()
    click.echo(f"{present or 'empty'} (newest: {newest})")


@database.command("revision")
@click.argument("message")
def revision(message: str) -> None:
    """Write a new migration from what the records have and the database has not. Read it before you keep it."""
    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"
    run_locked(lambda config: command.revision(config, message, autogenerate=True, rev_id=number))
