"""What load balancers ask."""

import pytest

from dunning.migrations.commands import downgrade_schema
from dunning.records import db


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
def test_a_database_that_is_away_is_not_ready_but_the_process_lives(app, client, tmp_path):
    db.session.remove()
    db.engine.dispose()
    (tmp_path / "test.db").rename(tmp_path / "elsewhere.db")
    (tmp_path / "test.db").mkdir()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["failing"]) == (503, {"database": "OperationalError"})
    assert client.get("/livez").status_code == 200
