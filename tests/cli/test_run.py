"""`flask dunning run`, as operators' scripts rely on it."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from dunning.cli.desk import open_desk
from dunning.records import db
from dunning.records.journal import RunDay
from dunning.sandbox.tables import SandboxClaim
from tests.builders import (
    a_receivable,
    after,
    an_order,
    pay,
    read_order,
)

KEYS = [
    "date",
    "opened",
    "upcoming_reminder",
    "service_call",
    "payment_reminder",
    "first_letter",
    "first_call",
    "second_letter",
    "second_call",
    "handover",
    "paid",
    "failed",
]


pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.fixture
def runner(each_app: Flask) -> FlaskCliRunner:
    return each_app.test_cli_runner()


def run(runner: FlaskCliRunner, *words: str) -> list[dict]:
    """The lines of a run that ended well."""
    result = runner.invoke(args=["dunning", "run", *words, "--inline"])
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    db.session.rollback()
    return [json.loads(line) for line in result.stdout.splitlines()]


def counted(line: dict) -> dict[str, int]:
    return {key: number for key, number in line.items() if key not in ("date", "total") and number}


# --- run ---


def test_a_range_prints_a_line_for_each_day_and_the_total(runner: FlaskCliRunner) -> None:
    a_receivable()
    *days, total = run(runner, "--from", after(0).isoformat(), "--to", after(35).isoformat())
    assert [list(day) for day in days] == [KEYS] * 36
    assert list(total) == ["total", *KEYS[1:]]
    assert {day["date"]: counted(day) for day in days if counted(day)} == {
        after(1).isoformat(): {"service_call": 1},
        after(5).isoformat(): {"payment_reminder": 1},
        after(10).isoformat(): {"opened": 1, "first_letter": 1},
        after(11).isoformat(): {"first_call": 1},
        after(20).isoformat(): {"second_letter": 1},
        after(21).isoformat(): {"second_call": 1},
        after(33).isoformat(): {"handover": 1},
    }
    assert total["total"] is True
    assert sum(counted(total).values()) == 8


def test_the_same_range_again_prints_zeros(runner: FlaskCliRunner) -> None:
    a_receivable()
    words = ("--from", after(0).isoformat(), "--to", after(12).isoformat())
    run(runner, *words)
    assert [counted(line) for line in run(runner, *words)] == [{}] * 14


def test_one_day_catches_up_what_was_missed_before_it(runner: FlaskCliRunner) -> None:
    a_receivable()
    day, total = run(runner, "--on", after(30).isoformat())
    assert counted(day) == counted(total) == {"opened": 1, "first_letter": 1}


def test_an_earlier_unplayed_day_ends_with_one_line(runner: FlaskCliRunner) -> None:
    run(runner, "--on", after(10).isoformat())
    result = runner.invoke(args=["dunning", "run", "--on", after(9).isoformat(), "--inline"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {after(9)} is before {after(10)}, the last day played\n"


def test_payments_and_failures_are_counted_on_their_day(runner: FlaskCliRunner) -> None:
    order_id = an_order()
    a_receivable(city="")
    run(runner, "--on", after(10).isoformat())
    pay(order_id, 100_00, after(12), booked=after(11))
    assert counted(run(runner, "--on", after(12).isoformat())[0])["paid"] == 1
    assert read_order(1).paid_cents == 100_00


def test_a_day_reports_a_failed_opening_as_opened_and_failed(runner: FlaskCliRunner) -> None:
    a_receivable(city="")
    assert counted(run(runner, "--on", after(10).isoformat())[0]) == {"opened": 1, "failed": 1}


def test_a_claim_under_review_counts_when_it_is_accepted(runner: FlaskCliRunner) -> None:
    a_receivable(last_name="SLOW-Muster")
    *_, total = run(runner, "--from", after(0).isoformat(), "--to", after(40).isoformat())
    assert total["handover"] == 0
    assert db.session.query(SandboxClaim).one().submission_state == "under_review"


def test_in_production_a_day_still_to_come_is_played_only_when_it_is_said(
    each_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, today = each_app.config["SETTINGS"], open_desk().today
    tomorrow = (today + dt.timedelta(days=1)).isoformat()
    monkeypatch.setitem(each_app.config, "SETTINGS", replace(settings, environment="production"))
    runner, days = each_app.test_cli_runner(), ["--from", today.isoformat(), "--to", tomorrow]
    refused = runner.invoke(args=["dunning", "run", *days, "--inline"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"{tomorrow} is after the present day" in refused.stderr
    assert db.session.scalar(select(func.count(RunDay.on_date))) == 0
    for words in (["--on", today.isoformat()], [*days, "--dry"], [*days, "--ahead"]):
        assert len(run(runner, *words)) >= 2


@pytest.mark.parametrize(
    "words",
    [
        ["--from", "2026-01-01"],
        ["--to", "2026-01-01"],
        ["--on", "2026-01-01", "--from", "2026-01-01", "--to", "2026-01-02"],
        ["--from", "2026-01-02", "--to", "2026-01-01"],
        ["--on", "31.02.2026"],
        ["--on", "2026-02-31"],
    ],
)
def test_days_that_make_no_sense_are_refused(app: Flask, words: list[str]) -> None:
    result = app.test_cli_runner().invoke(args=["dunning", "run", *words, "--inline"])
    assert (result.exit_code, result.stdout) == (2, "")
