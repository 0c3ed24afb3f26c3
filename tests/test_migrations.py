"""Migrations: up from nothing, down to nothing, and the same as the records, on both databases."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from dunning.actions.case.buyer_says import record_dispute
from dunning.actions.to_partner.hold_case import hold_case
from dunning.migrations.commands import VERSIONS, downgrade_schema, read_revisions, upgrade_schema
from dunning.migrations.schema import compare_options
from dunning.records import Base, db, transaction
from dunning.records.cases import Letter
from dunning.records.effects import Effect
from tests.builders import a_case, a_desk, after, an_actor, empty_queue, read_case


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
    [(["db", "current"], "newest"), (["db", "upgrade"], ""), (["db", "downgrade", "base", "--yes"], "")],
)
@pytest.mark.unsound
def test_the_commands_run(app, words, said):
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    assert said in result.output


@pytest.mark.parametrize(("typed", "goes"), [("", False), ("n\n", False), ("y\n", True)])
@pytest.mark.unsound
def test_a_migration_is_taken_back_only_by_whoever_says_so(each_app, typed, goes):
    db.session.rollback()
    result = each_app.test_cli_runner().invoke(args=["db", "downgrade", "base"], input=typed)
    assert (result.exit_code, len(table_names()) > 1) == ((0, False) if goes else (1, True))


def test_in_production_no_migration_is_taken_back(each_app, monkeypatch):
    before = table_names()
    settings = each_app.config["SETTINGS"]
    monkeypatch.setitem(each_app.config, "SETTINGS", replace(settings, environment="production"))
    result = each_app.test_cli_runner().invoke(args=["db", "downgrade", "base", "--yes"])
    assert (result.exit_code, table_names()) == (1, before)
    assert "restore a backup" in result.stderr


def test_a_migration_that_has_landed_is_never_edited():
    """A database made in between would say that it has what it lacks. Write a new one; list it when it has landed."""
    listed = dict(reversed(line.split()) for line in (VERSIONS / "landed.sha256").read_text().splitlines())
    present = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VERSIONS.glob("0*.py")}
    assert present == listed


def read_rows(columns: str = "*") -> list[dict[str, Any]]:
    """Every effect as it is stored, JSON as text."""
    db.session.rollback()
    rows = db.session.execute(text(f"select {columns} from effects order by id")).mappings().all()
    return [dict(row) for row in rows]


def read_json(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value


def a_full_queue() -> None:
    """Effects of many kinds: a hold that is not acknowledged, and a dispute a worker took before the acceptance."""
    case_id, desk = a_case("handed_over"), a_desk(after(36))
    hold_case(case_id, 10, an_actor(case_id), desk)
    empty_queue(desk.today)
    support = an_actor(case_id, "support")
    record_dispute(read_case(case_id).receivable_id, "never got it", support, desk)
    taken = {"state": "taken", "attempt": 1, "claim_id": None, "mandate_id": None}
    with transaction() as session:
        session.execute(update(Effect).where(Effect.kind == "partner_dispute").values(taken))


@pytest.mark.usefixtures("quick_press")
def test_the_facts_of_the_queue_go_into_columns_and_back_into_json(each_app):
    a_full_queue()
    stored = read_rows()
    downgrade_schema("0004")
    before = {row["kind"]: row for row in read_rows()}
    payloads = {kind: read_json(row["payload"]) for kind, row in before.items()}
    evidence = {kind: read_json(row["evidence"]) for kind, row in before.items()}
    assert {row["state"] for row in read_rows()} >= {"claimed", "done"}
    assert all("pinned" in payload for payload in payloads.values())
    assert payloads["partner_hold"]["mandate_id"]
    assert payloads["partner_dispute"]["mandate_id"] is payloads["partner_dispute"]["claim_id"] is None
    assert evidence["handover"]["released"] is True
    assert not {"pinned", "their_turn", "claim_id", "mandate_id"} & set(before["handover"])
    upgrade_schema()
    assert read_rows() == stored
    theirs = select(Effect.kind).where(Effect.their_turn)
    assert set(db.session.scalars(theirs)) == {"handover", "partner_hold"}
    assert differences() == []


@pytest.mark.usefixtures("quick_press")
def test_what_belongs_to_a_copied_table_still_belongs_to_it(each_app):
    a_case("running")
    downgrade_schema("0004")
    upgrade_schema()
    assert db.session.scalars(select(Letter.effect_id)).all()
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(delete(Effect))
