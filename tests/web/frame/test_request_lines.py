"""The log line of a request names its route, never the address: an address may hold a token."""

import json

import pytest
from flask import Flask

from dunning.actions.people.password_reset import write_token
from dunning.clock import read_now
from dunning.log import configure_logging
from dunning.records import db
from dunning.records.people import User
from tests.builders import a_user

SECRET = "WzEsIjc4NjQi.not-a-real-one"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]):
    configure_logging()
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_reset_token_stands_in_no_line(app: Flask, lines) -> None:
    user = db.session.get_one(User, a_user("support"))
    token = write_token(user, app.config["SECRET_KEY"], read_now())
    db.session.rollback()
    browser = app.test_client()
    assert browser.get(f"/password/reset/{token}").status_code == 200
    browser.send(f"/password/reset/{token}", {"password": "short"})
    for odd in (
        f"/password/reset/{token}/",
        f"/password/reset/{token}x",
        f"/Password/reset/{token}",
        f"/x?t={token}",
    ):
        browser.get(odd)
    browser.get("/", headers={"Referer": f"http://localhost/password/reset/{token}"})
    told = lines()
    assert {line.get("path") for line in told} >= {"/password/reset/<token>", "no page"}
    assert token not in json.dumps(told)


def test_an_incident_names_its_route(app: Flask, lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dunning.web.account.password.find_holder", lambda *_: 1 / 0)
    assert app.test_client().get(f"/password/reset/{SECRET}").status_code == 500
    told = lines()
    assert [line["path"] for line in told] == ["/password/reset/<token>"] * 2
    assert SECRET not in json.dumps(told)


def test_a_line_says_from_where_and_by_whom(app: Flask, lines) -> None:
    user_id, browser = a_user("support"), app.test_client()
    browser.get("/livez")
    browser.login_as(user_id)
    browser.get("/admin/cases/7")
    told = [tuple(map(line.get, ("path", "status", "client", "user"))) for line in lines()]
    assert ("/livez", 200, "127.0.0.1", None) in told
    assert ("/admin/cases/7", 404, "127.0.0.1", user_id) in told


def test_a_login_that_failed_is_told(app: Flask, lines) -> None:
    app.test_client().send("/login", {"email": "nobody@example.com", "password": "wrong"})
    assert ("POST", "/login", 422) in [
        (line.get("method"), line.get("path"), line.get("status")) for line in lines()
    ]
