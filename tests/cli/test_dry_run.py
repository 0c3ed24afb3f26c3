"""`flask dunning run --dry`: what would happen is said by the code that does it, and nothing has changed."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from dunning.actions.case.block import block_case
from dunning.jobs import rehearsal
from dunning.jobs.ways.channels import Channels, thread_channels
from dunning.records import Base, db
from dunning.records.effects import Effect
from dunning.sandbox.tables import SandboxClaim
from dunning.work import SYSTEM
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_vendor,
    after,
    an_order,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.fixture
def runner(each_app: Flask) -> FlaskCliRunner:
    return each_app.test_cli_runner()


def digest_tables() -> dict[str, str]:
    """Every table with the hash of all it holds."""
    db.session.rollback()
    digests = {}
    for name, table in Base.metadata.tables.items():
        rows = sorted(repr(tuple(row)) for row in db.session.execute(select(table)))
        digests[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    db.session.rollback()
    return digests


def list_files(home: Path) -> set[str]:
    """Mails and letters; the folders themselves do not count."""
    return {str(file) for file in home.rglob("*") if file.is_file()}


def run(runner: FlaskCliRunner, *words: str) -> tuple[list[dict], list[dict]]:
    """(day lines and total, what would happen) of a run that ended well."""
    result = runner.invoke(args=["dunning", "run", *words])
    assert result.exit_code == 0, result.output
    db.session.rollback()
    return (
        [json.loads(line) for line in result.stdout.splitlines()],
        [json.loads(line) for line in result.stderr.splitlines()],
    )


def a_busy_house() -> None:
    """Something for every verb of a day: openings, reminders, letters, calls, money, a failure, an end of a block."""
    vendor_id = a_vendor()
    a_receivable(vendor_id, due_date=after(8))
    a_receivable(vendor_id, order_date=after(15), due_date=None)
    a_receivable(vendor_id, due_date=after(10))
    a_receivable(vendor_id, due_date=after(10), city="")
    an_order(vendor_id, rates=2)
    blocked, paid = a_case("running", vendor_id=vendor_id), a_case("running", vendor_id=vendor_id)
    block_case(blocked, "unsure", SYSTEM, a_desk(after(11)), until=after(19))
    pay(order_of(paid).order_id, 100_00, after(20), booked=after(11))
    play_until(after(19))


def test_the_day_is_told_as_it_will_be_and_nothing_has_changed(
    runner: FlaskCliRunner, each_app: Flask
) -> None:
    a_busy_house()
    home = each_app.config["SETTINGS"].home
    before, files = digest_tables(), list_files(home)
    day = after(20).isoformat()
    told, steps = run(runner, "--on", day, "--dry")
    assert (digest_tables(), list_files(home)) == (before, files)
    done, _ = run(runner, "--on", day, "--inline")
    assert told == done
    counted = {key for key, number in done[0].items() if number and key != "date"}
    assert counted == {"opened", "payment_reminder", "first_letter", "second_letter", "paid", "failed"}
    kinds = Counter(step["would"]["kind"] for step in steps)
    assert kinds["second_letter"] == done[0]["second_letter"]
    assert {step["date"] for step in steps} == {day}


def test_a_range_is_told_up_to_the_handover(runner: FlaskCliRunner, each_app: Flask) -> None:
    a_receivable()
    before = digest_tables()
    words = ("--from", after(0).isoformat(), "--to", after(35).isoformat())
    told, steps = run(runner, *words, "--dry")
    assert digest_tables() == before
    assert told[-1]["handover"] == 1
    assert db.session.query(SandboxClaim).count() == 0
    assert run(runner, *words, "--inline")[0] == told
    assert steps[-1] == {
        "date": after(33).isoformat(),
        "would": {
            "order_id": steps[0]["would"]["order_id"],
            "rate_number": 1,
            "kind": "handover",
            "state": "done",
        },
    }


def test_a_day_already_played_has_nothing_more_to_tell(runner: FlaskCliRunner) -> None:
    a_receivable()
    play(after(10))
    told, steps = run(runner, "--on", after(10).isoformat(), "--dry")
    assert steps == []
    assert not any(number for key, number in told[0].items() if key != "date")


def test_the_letters_of_earlier_days_are_found_for_the_handover(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=32)
    told, _ = run(runner, "--on", after(33).isoformat(), "--dry")
    assert told[0]["handover"] == 1
    assert read_case(case_id).status == "running"


def test_a_dry_run_asks_for_an_earlier_day_in_vain(runner: FlaskCliRunner) -> None:
    play(after(10))
    result = runner.invoke(args=["dunning", "run", "--on", after(9).isoformat(), "--dry"])
    assert (result.exit_code, result.stdout) == (1, "")


def test_an_error_of_one_receivable_is_undone_with_all_the_rest(
    runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned, fine = a_receivable(), a_receivable()
    before = digest_tables()

    def render(_press: object, _letter: object) -> bytes:
        raise RuntimeError("out of ink")

    monkeypatch.setattr(rehearsal.RehearsedPress, "render", render)
    told, _ = run(runner, "--on", after(10).isoformat(), "--dry")
    assert (told[0]["opened"], told[0]["first_letter"]) == (2, 0)
    assert digest_tables() == before
    assert states_of(poisoned) == states_of(fine) == {}


def test_after_a_rehearsal_everything_is_in_earnest_again(runner: FlaskCliRunner, each_app: Flask) -> None:
    receivable_id = a_receivable()
    run(runner, "--on", after(10).isoformat(), "--dry")
    assert type(thread_channels(each_app.config["SETTINGS"])) is Channels
    play(after(10))
    assert states_of(receivable_id)["first_letter"] == "done"
    assert db.session.query(Effect).filter_by(state="done").count() == 1
