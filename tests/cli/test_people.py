"""`flask vendor …` and `flask user …`."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from dunning.actions.people.passwords import matches_hash
from dunning.records import db
from dunning.records.journal import History
from dunning.records.people import IncassoSettings, User, Vendor
from tests.builders import a_vendor

ADD = ["vendor", "add", "--id", "79424", "--name", "Kurs GmbH", "--email", "shop@example.com"]
SETTINGS = ["vendor", "settings", "--id", "79424"]


@pytest.fixture
def runner(each_app: Flask) -> FlaskCliRunner:
    return each_app.test_cli_runner()


@pytest.fixture
def clerk(app: Flask) -> FlaskCliRunner:
    """For words that never reach the database: one kind of it will do."""
    return app.test_cli_runner()


def read_settings() -> IncassoSettings:
    db.session.rollback()
    return db.session.get_one(IncassoSettings, 79424, populate_existing=True)


def test_a_new_vendor_has_chosen_nothing(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=[*ADD, "--vip"]).exit_code == 0
    vendor, settings = db.session.get_one(Vendor, 79424), read_settings()
    assert (vendor.name, vendor.vip, vendor.active) == ("Kurs GmbH", True, True)
    assert (settings.incasso_schema, settings.incasso_review, settings.handover_threshold) == (0, True, 0)


def test_a_vendor_is_added_once(runner: FlaskCliRunner) -> None:
    runner.invoke(args=ADD)
    again = runner.invoke(args=ADD)
    assert (again.exit_code, again.stderr) == (1, "Error: vendor 79424 exists\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["vendor", "add", "--id", "0", "--name", "N", "--email", "a@example.com"], "--id"),
        (["vendor", "add", "--id", "1", "--name", "N", "--email", "nobody"], "is not an e-mail address"),
        ([*SETTINGS, "--scheme", "4", "--automatic"], "--scheme"),
        ([*SETTINGS, "--scheme", "2"], "--automatic"),
        ([*SETTINGS, "--scheme", "2", "--review", "--threshold", "-1"], "must not be negative"),
        ([*SETTINGS, "--scheme", "2", "--review", "--threshold", "1.000"], "1.000"),
        ([*SETTINGS, "--scheme", "2", "--review", "--remainder", "keep"], "--remainder"),
        (["user", "add", "a@example.com", "--role", "vendor", "--password-stdin"], "--vendor is needed"),
        (["user", "add", "a@example.com", "--role", "boss", "--password-stdin"], "--role"),
        (["user", "add", "a@example.com", "--role", "admin"], "--password-stdin"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(clerk: FlaskCliRunner, words: list[str], said: str) -> None:
    clerk.invoke(args=ADD)
    result = clerk.invoke(args=words, input="correct horse battery\n")
    assert result.exit_code == 2
    assert said in result.stderr
    assert db.session.scalars(select(User.id)).all() == []


def test_settings_are_the_operators_and_stand_in_the_history(runner: FlaskCliRunner) -> None:
    runner.invoke(args=ADD)
    words = ["--scheme", "2", "--automatic", "--threshold", "1.000,50", "--auto-chargebacks"]
    assert runner.invoke(args=[*SETTINGS, *words, "--remainder", "pursue"]).exit_code == 0
    settings = read_settings()
    assert (settings.incasso_schema, settings.incasso_review, settings.handover_threshold) == (
        2,
        False,
        100_050,
    )
    assert (settings.auto_chargebacks, settings.remainder) == (True, "pursue")
    assert runner.invoke(args=[*SETTINGS, "--scheme", "3", "--review"]).exit_code == 0
    assert (read_settings().incasso_schema, read_settings().incasso_review) == (3, True)
    rows = db.session.scalars(select(History)).all()
    assert [(row.verb, row.actor) for row in rows] == [("change_settings", "system")] * 2


def test_settings_of_nobody_are_refused(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=[*SETTINGS, "--scheme", "2", "--review"])
    assert (result.exit_code, result.stderr) == (1, "Error: vendor 79424 does not exist\n")


def test_several_users_belong_to_one_vendor(runner: FlaskCliRunner) -> None:
    a_vendor(79424)
    for name in ("Anna@Example.com", "ben@example.com"):
        words = ["user", "add", name, "--role", "vendor", "--vendor", "79424", "--password-stdin"]
        assert runner.invoke(args=words, input="correct horse battery\n").exit_code == 0
    users = db.session.scalars(select(User).order_by(User.id)).all()
    assert [(user.email, user.vendor_id) for user in users] == [
        ("anna@example.com", 79424),
        ("ben@example.com", 79424),
    ]
    assert matches_hash(users[0].password_hash, "correct horse battery")
    assert "correct horse" not in users[0].password_hash


def test_a_user_is_added_once(runner: FlaskCliRunner) -> None:
    words = ["user", "add", "s@example.com", "--role", "support", "--password-stdin"]
    assert runner.invoke(args=words, input="correct horse battery\n").exit_code == 0
    again = runner.invoke(args=words, input="correct horse battery\n")
    assert (again.exit_code, again.stderr) == (1, "Error: user s@example.com exists\n")


@pytest.mark.parametrize("password", ["", "short", "1234567"])
def test_a_password_that_is_too_easy_is_refused(clerk: FlaskCliRunner, password: str) -> None:
    words = ["user", "add", "s@example.com", "--role", "support", "--password-stdin"]
    result = clerk.invoke(args=words, input=f"{password}\n")
    assert result.exit_code == 1
    assert db.session.scalars(select(User.id)).all() == []


def test_a_user_of_an_unknown_vendor_is_refused(runner: FlaskCliRunner) -> None:
    words = ["user", "add", "s@example.com", "--role", "vendor", "--vendor", "4711", "--password-stdin"]
    result = runner.invoke(args=words, input="correct horse battery\n")
    assert (result.exit_code, "4711" in result.stderr) == (1, True)
    assert "Traceback" not in result.stderr
