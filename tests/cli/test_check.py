"""`flask check`: what must hold at any moment is named when it does not."""

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, text
from time_machine import TimeMachineFixture

from dunning.clock import read_now
from dunning.records import db
from dunning.records.cases import Letter
from dunning.records.database import transaction
from dunning.records.effects import Effect
from dunning.records.inbox import InboxEvent
from dunning.records.journal import RunDay
from dunning.records.partner import PartnerDelivery
from tests.builders import a_case, a_receivable, a_vendor, after, play_until, read_history, read_order

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
    result = runner.invoke(args=["check", "--all"])
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout.startswith(said)


@pytest.mark.unsound
def test_a_letter_whose_file_was_changed_or_lost_is_named(runner: FlaskCliRunner, each_app: Flask) -> None:
    a_case("running", day=21)
    first, second = sorted((each_app.config["SETTINGS"].home / "letters").rglob("*.pdf"))
    first.write_bytes(b"%PDF-1.7 another")
    second.unlink()
    result = runner.invoke(args=["check", "--all"])
    assert result.exit_code == 1
    assert sorted(line.partition(":")[0] for line in result.stdout.splitlines()) == ["I9", "I9"]


@pytest.mark.unsound
def test_an_old_letter_is_read_on_one_day_in_thirty_and_a_new_one_every_time(
    runner: FlaskCliRunner, each_app: Flask, time_machine: TimeMachineFixture
) -> None:
    a_case("running")
    (file,) = (each_app.config["SETTINGS"].home / "letters").rglob("*.pdf")
    file.unlink()
    (made,) = db.session.scalars(select(Letter.created_at)).all()
    db.session.rollback()

    def is_found(day: float) -> bool:
        time_machine.move_to(made + dt.timedelta(days=day), tick=False)
        return any(line.startswith("I9") for line in violations(runner))

    assert [is_found(day) for day in (0.1, 1.1, 1.9)] == [True] * 3
    assert sum(is_found(day) for day in range(10, 40)) == 1


def test_a_day_that_was_noted_before_it_came_is_told(
    each_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = read_now().date() + dt.timedelta(days=366)
    with transaction() as session:
        session.add(RunDay(on_date=ahead, started_at=read_now()))
    runner, settings = each_app.test_cli_runner(), each_app.config["SETTINGS"]
    result = runner.invoke(args=["check"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"run: {ahead} was noted before it came" in result.stderr
    monkeypatch.setitem(each_app.config, "SETTINGS", replace(settings, environment="production"))
    result = runner.invoke(args=["check"])
    assert (result.exit_code, result.stdout.partition(" was")[0]) == (1, f"run: {ahead}")
    answer = each_app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["warnings"]) == (
        200,
        {"clock": f"{ahead} was noted before it came"},
    )


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


def damage(*statements: str) -> None:
    with transaction() as session:
        for statement in statements:
            session.execute(text(statement))


def violations(runner: FlaskCliRunner) -> list[str]:
    return runner.invoke(args=["check"]).stdout.splitlines()


@pytest.mark.unsound
@pytest.mark.parametrize("status", ["cancelled", "blocked", "paid"])
@pytest.mark.parametrize("kind", ["first_letter", "handover"])
def test_what_went_out_for_a_case_that_was_over_or_blocked_is_named(
    runner: FlaskCliRunner, status: str, kind: str
) -> None:
    a_case("handed_over")
    newest = "(select max(id) from history where to_status is not null)"
    damage(f"update history set to_status = '{status}' where id = {newest}")
    assert not [line for line in violations(runner) if line.startswith("I3")]
    damage(f"update effects set sent_after = {newest} where kind = '{kind}'")
    (line,) = [line for line in violations(runner) if line.startswith("I3")]
    assert line.endswith(f", {kind}, went out while case 1 was {status}")


def test_every_mail_and_claim_remembers_the_history_it_went_out_after(runner: FlaskCliRunner) -> None:
    case_id = a_case("handed_over")
    db.session.rollback()
    sent = {effect.kind: effect.sent_after for effect in db.session.scalars(select(Effect))}
    opened, *_ = read_history(case_id)
    assert sent["payment_reminder"] is None  # there was no case yet
    assert sent["first_letter"] == opened.id
    assert opened.id < sent["second_letter"] < sent["handover"] < read_history(case_id)[-1].id


@pytest.mark.unsound
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "set verb = 'pay' where to_status = 'handed_over'",
            "went from running to handed_over by pay of system",
        ),
        (
            "set actor = 'vendor' where to_status = 'handed_over'",
            "went from running to handed_over by accept_claim of vendor",
        ),
        (
            "set from_status = 'blocked' where to_status = 'handed_over'",
            "went from blocked to handed_over after",
        ),
    ],
)
def test_a_status_reached_by_the_wrong_verb_or_hand_is_named(
    runner: FlaskCliRunner, change: str, said: str
) -> None:
    a_case("handed_over")
    damage(f"update history {change}")
    (line,) = violations(runner)
    assert line.startswith(f"I5: case 1 {said}")


WAITING = "update effects set {}, finished_at = null where kind = 'first_letter'"


@pytest.mark.unsound
@pytest.mark.parametrize(
    ("values", "late"),
    [
        ("state = 'due', not_before = '{old}'", True),
        ("state = 'due', not_before = '{new}'", False),
        ("state = 'due', not_before = '{old}', last_error = 'out of ink'", False),
        ("state = 'retry_wait', not_before = '{old}', last_error = 'out of ink'", False),
        ("state = 'taken', lease_until = '{old}'", True),
        ("state = 'sending', lease_until = '{new}'", False),
        ("state = 'in_doubt', not_before = '{old}'", False),
        ("state = 'in_doubt', not_before = '{ancient}'", True),
    ],
)
def test_work_nobody_takes_is_named_after_a_quarter_of_an_hour(
    runner: FlaskCliRunner, values: str, late: bool
) -> None:
    a_case("running")
    now = read_now()
    ages = {"new": 14, "old": 16, "ancient": 24 * 60 + 1}
    moments = {name: (now - dt.timedelta(minutes=age)).strftime(MOMENT) for name, age in ages.items()}
    damage(WAITING.format(values.format(**moments)))
    named = [line for line in violations(runner) if line.startswith("I7")]
    assert bool(named) is late
    assert all(", first_letter, is " in line for line in named)


# an instant as both databases read it from a text
MOMENT = "%Y-%m-%d %H:%M:%S.%f+00:00"


@pytest.mark.unsound
@pytest.mark.parametrize(
    ("state", "age", "reason", "named"),
    [
        ("new", 16, "", "nobody knows why"),
        ("new", 16, "KeyError('rate')", "KeyError('rate')"),
        ("new", 14, "", None),
        ("waiting", 16, "the sale is unknown", None),
        ("waiting", 1, "", "nobody knows why"),
        ("ignored", 1, "", "nobody knows why"),
        ("ignored", 1, "a test payment", None),
        ("applied", 1, "", "nobody knows why"),  # without the instant
    ],
)
def test_an_event_nobody_read_or_can_explain_is_named(
    runner: FlaskCliRunner, state: str, age: int, reason: str, named: str | None
) -> None:
    event = InboxEvent(vendor_id=a_vendor(), event_key="K", event_type="payment.made", order_id="A1", body={})
    event.received_at, event.state, event.reason = read_now() - dt.timedelta(minutes=age), state, reason
    with transaction() as session:
        session.add(event)
    expected = [f"I10: event 1, payment.made, is {state}: {named}"] if named else []
    assert violations(runner) == expected


@pytest.mark.unsound
@pytest.mark.parametrize(
    ("state", "minutes", "reason", "named"),
    [
        ("new", 110, "answer 503", None),
        ("new", 130, "answer 503", "answer 503"),
        ("ignored", 1, "", "nobody knows why"),
        ("ignored", 1, "no case of ours", None),
        ("applied", 1, "", None),
    ],
)
def test_a_webhook_nobody_looked_at_or_can_explain_is_named(
    runner: FlaskCliRunner, state: str, minutes: int, reason: str, named: str | None
) -> None:
    delivery = PartnerDelivery(delivery_id="D1", event="claim.updated", body={}, state=state, reason=reason)
    delivery.received_at = read_now() - dt.timedelta(minutes=minutes)
    with transaction() as session:
        session.add(delivery)
    expected = [f"I10: webhook 1, claim.updated, is {state}: {named}"] if named else []
    assert violations(runner) == expected
