"""`flask check`: what must hold at any moment is named when it does not."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from dunning.records.database import transaction
from tests.builders import a_case, a_receivable, after, play_until, read_order

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.fixture
def runner(each_app: Flask) -> FlaskCliRunner:
    return each_app.test_cli_runner()


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
