"""`flask dunning run`, `flask dunning explain` and `flask check`, as operators' scripts rely on them."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from dunning.outside.sandbox_tables import SandboxClaim
from dunning.records import db
from dunning.records.database import transaction
from tests.builders import (
    DUE,
    a_case,
    a_receivable,
    after,
    an_order,
    order_of,
    pay,
    play_until,
    read_case,
    read_order,
)
from tests.conftest import QuickPress

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


@pytest.fixture
def runner(each_app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskCliRunner:
    monkeypatch.setattr("dunning.jobs.channels.LetterPress", QuickPress)
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


# --- explain ---


def explain(runner: FlaskCliRunner, order_id: str, *words: str) -> dict:
    result = runner.invoke(args=["dunning", "explain", order_id, *words, "--json"])
    assert (result.exit_code, result.stderr) == (0, "")
    db.session.rollback()
    return json.loads(result.stdout)


GROUPS = {
    "one_off": ["is_one_off"],
    "instalment": ["is_instalment"],
    "chargeback": ["charged_back"],
    "order": [
        "order_exists",
        "not_test",
        "not_refunded",
        "not_cancelled",
        "open_amount",
        "currency",
        "method_allowed",
        "no_dispute",
    ],
    "deadline": ["due_date_known", "due_date_passed", "dunning_date_reached"],
    "buyer": ["name", "street", "house_number", "zipcode", "city", "country", "email"],
    "vendor": ["vendor_active", "scheme_chosen"],
    "handover": ["letters_sent", "deadline_passed", "not_blocked", "not_time_barred"],
}


def test_an_explanation_has_exactly_the_contracts_shape(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=21, paid=30_00)
    order = order_of(case_id)
    answer = explain(runner, order.order_id, "--on", after(25).isoformat())
    assert list(answer) == ["order_id", "vendor_id", "receivables"]
    assert (answer["order_id"], answer["vendor_id"]) == (order.order_id, order.vendor_id)
    (receivable,) = answer["receivables"]
    assert {key: value for key, value in receivable.items() if key not in ("groups", "steps", "claim")} == {
        "rate_number": 1,
        "due_date": DUE.isoformat(),
        "case_id": case_id,
        "status": "running",
        "eligible": True,
        "appears_on": None,
    }
    assert {
        group["key"]: [point["key"] for point in group["points"]] for group in receivable["groups"]
    } == GROUPS
    for group in receivable["groups"]:
        assert list(group) == ["key", "ok", "points"]
        for point in group["points"]:
            assert set(point) - {"blocks"} == {"key", "ok", "detail"}
            assert point.get("blocks", True) is (point["key"] != "email")
            assert isinstance(point["detail"], str)
            assert "%(" not in point["detail"]


def test_an_explanation_knows_what_was_done_and_what_is_planned(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=21)
    (receivable,) = explain(runner, order_of(case_id).order_id, "--on", after(25).isoformat())["receivables"]
    assert [tuple(step.values()) for step in receivable["steps"]] == [
        ("service_call", after(1).isoformat(), "lapsed", None),
        ("payment_reminder", after(5).isoformat(), "done", after(5).isoformat()),
        ("first_letter", after(10).isoformat(), "done", after(10).isoformat()),
        ("first_call", after(11).isoformat(), "lapsed", None),
        ("second_letter", after(20).isoformat(), "done", after(20).isoformat()),
        ("second_call", after(21).isoformat(), "planned", None),
        ("handover", after(33).isoformat(), "planned", None),
    ]
    assert list(receivable["steps"][0]) == ["kind", "due", "state", "done_on"]


def test_an_explanation_has_the_claim_to_the_cent(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=21)
    (receivable,) = explain(runner, order_of(case_id).order_id, "--on", after(25).isoformat())["receivables"]
    # 20 to 27 January: 8 days on 100 € at 6.27 %
    assert receivable["claim"] == {
        "principal": 100_00,
        "paid": 0,
        "fees": 1_00,
        "interest": 14,
        "forgiven": 0,
        "total": 101_14,
    }


def test_an_order_without_a_case_says_when_it_appears(runner: FlaskCliRunner) -> None:
    order_id = an_order(rates=2, house_number="")
    first, second = explain(runner, order_id, "--on", after(3).isoformat())["receivables"]
    assert (first["case_id"], first["status"], first["eligible"]) == (None, None, False)
    assert (first["appears_on"], second["appears_on"]) == (after(10).isoformat(), after(40).isoformat())
    red = [p["key"] for group in first["groups"] for p in group["points"] if not p["ok"]]
    assert red == [
        "is_one_off",
        "charged_back",
        "dunning_date_reached",
        "house_number",
        "letters_sent",
        "deadline_passed",
    ]


def test_an_order_that_never_appears_says_so(runner: FlaskCliRunner) -> None:
    order_id = an_order(payment_status="paid")
    (receivable,) = explain(runner, order_id, "--on", after(3).isoformat())["receivables"]
    assert (receivable["appears_on"], receivable["claim"]["total"]) == (None, 0)


def test_an_unknown_order_is_an_answer_too(runner: FlaskCliRunner) -> None:
    answer = explain(runner, "nowhere")
    assert {key: answer[key] for key in ("order_id", "vendor_id", "receivables")} == {
        "order_id": "nowhere",
        "vendor_id": None,
        "receivables": [],
    }
    (point,) = [p for group in answer["groups"] for p in group["points"] if p["key"] == "order_exists"]
    assert point["ok"] is False


def test_an_explanation_can_be_read_by_people(runner: FlaskCliRunner) -> None:
    case_id = a_case("running")
    result = runner.invoke(
        args=["dunning", "explain", order_of(case_id).order_id, "--on", after(12).isoformat()]
    )
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"Order {order_of(case_id).order_id}, vendor {read_case(case_id).vendor_id}"
    assert "  running; can be started: yes" in lines
    assert "  + order.order_exists: " in "\n".join(lines)
    assert f"  step first_letter: done, {after(10)}" in lines
    assert "Order nowhere, vendor unknown" in runner.invoke(args=["dunning", "explain", "nowhere"]).stdout


# --- check ---


def test_a_sound_database_checks_silently(runner: FlaskCliRunner) -> None:
    a_case("handed_over")
    result = runner.invoke(args=["check"])
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.unsound
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("update cases set outstanding_cents = outstanding_cents + 1", "I2: case 1 shows 10128 cents"),
        (
            "update steps set state = 'superseded' where kind = 'first_letter'",
            "I4: case 1 is handed over after 1",
        ),
        ("update steps set state = 'superseded' where kind = 'handover'", "I4: case 1 is handed over with 0"),
        (
            "update history set to_status = 'closed' where to_status = 'handed_over'",
            "I5: case 1 went from running",
        ),
        (
            "delete from history where to_status = 'handed_over'",
            "I5: case 1 is handed_over, its history ends in",
        ),
        ("delete from history", "I5: case 1 has no history"),
        (
            "update steps set done_on = '2026-01-13' where kind = 'second_letter'",
            "I11: receivable 1: second_letter 1",
        ),
        ("update letters set sha256 = '" + "0" * 64 + "' where number = 1", "I9: letter 1: "),
    ],
)
def test_a_violation_made_by_hand_is_named(runner: FlaskCliRunner, damage: str, said: str) -> None:
    a_case("handed_over")
    with transaction() as session:
        session.execute(text(damage))
    result = runner.invoke(args=["check"])
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout.startswith(said)


@pytest.mark.unsound
def test_a_letter_whose_file_was_changed_or_lost_is_named(runner: FlaskCliRunner, each_app: Flask) -> None:
    a_case("running", day=21)
    first, second = sorted((each_app.config["SETTINGS"].home / "letters").rglob("*.pdf"))
    first.write_bytes(b"%PDF-1.7 another")
    second.unlink()
    result = runner.invoke(args=["check"])
    assert result.exit_code == 1
    assert sorted(line.partition(":")[0] for line in result.stdout.splitlines()) == ["I9", "I9"]


@pytest.mark.unsound
def test_a_child_of_another_vendor_is_named(runner: FlaskCliRunner) -> None:
    case_id, other = a_case("running"), a_receivable()
    with transaction() as session:
        session.execute(
            text(f"update cases set vendor_id = {read_order(other).vendor_id} where id = {case_id}")
        )
    result = runner.invoke(args=["check"])
    assert result.exit_code == 1
    assert "I8: cases 1 has another vendor than its receivables" in result.stdout
    play_until(after(10))
