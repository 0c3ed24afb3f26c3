"""Migrations: up from nothing, down to nothing, and the same as the records, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from dunning.migrations.commands import downgrade_schema, read_revisions, upgrade_schema
from dunning.migrations.schema import compare_options
from dunning.records import Base, db


def table_names() -> set[str]:
    db.session.rollback()
    return set(inspect(db.engine).get_table_names())


def differences() -> list[object]:
    options = compare_options()
    metadata = options.pop("target_metadata")
    with db.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def test_the_migrations_make_what_the_records_describe(each_app):
    assert differences() == []


def test_down_leaves_nothing_and_up_makes_it_again(each_app):
    downgrade_schema()
    assert table_names() == {"alembic_version"}
    upgrade_schema()
    assert table_names() >= set(Base.metadata.tables)
    assert differences() == []


def test_upgrading_an_up_to_date_database_changes_nothing(each_app):
    before = read_revisions()
    upgrade_schema()
    assert read_revisions() == before
    assert before[0] == before[1]


def test_machines_that_upgrade_at_once_wait_for_each_other(each_app):
    downgrade_schema()

    def upgrade(_turn: int) -> None:
        with each_app.app_context():
            upgrade_schema()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, range(4)))
    assert differences() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [(["db", "current"], "newest"), (["db", "upgrade"], ""), (["db", "downgrade", "base"], "")],
)
@pytest.mark.unsound
def test_the_commands_run(app, words, said):
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    assert said in result.output
