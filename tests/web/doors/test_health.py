"""What load balancers ask."""

import pytest
from sqlalchemy import text

from dunning.migrations.commands import downgrade_schema, read_revisions
from dunning.records import db, transaction


def test_a_living_process_says_so(client):
    assert client.get("/livez").json == {"ok": True, "failing": {}}


def test_a_migrated_database_is_ready(each_app):
    answer = each_app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["ok"]) == (200, True)


@pytest.mark.unsound
def test_an_empty_database_is_not_ready_and_says_why(each_app):
    downgrade_schema()
    db.session.remove()
    answer = each_app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "migrations" in answer.json["failing"]


@pytest.mark.unsound
@pytest.mark.parametrize(("revision", "status"), [("0005", 503), ("9999", 200)])
def test_an_older_schema_keeps_a_process_from_working_and_a_newer_one_does_not(each_app, revision, status):
    with transaction() as session:
        session.execute(text("update alembic_version set version_num = :to"), {"to": revision})
    try:
        assert each_app.test_client().get("/readyz").status_code == status
    finally:
        with transaction() as session:
            session.execute(text("update alembic_version set version_num = :to"), {"to": read_revisions()[1]})


@pytest.mark.unsound
def test_a_database_that_is_away_is_not_ready_but_the_process_lives(app, client, tmp_path):
    db.session.remove()
    db.engine.dispose()
    (tmp_path / "test.db").rename(tmp_path / "elsewhere.db")
    (tmp_path / "test.db").mkdir()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["failing"]) == (503, {"database": "OperationalError"})
    assert client.get("/livez").status_code == 200
