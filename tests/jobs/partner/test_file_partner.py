"""Handovers to an agency without an API: a ZIP per day out, answers in, whoever is killed on the way."""

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, current_app

from dunning.actions.run_day import run_day
from dunning.actions.to_partner.hold_case import hold_case
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.jobs.partner.day import begin_partner_day, exchange_now
from dunning.jobs.ways.channels import thread_channels
from dunning.records import db
from dunning.rules.money.claim import compute_claim
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    find_effect,
    ledger_of,
    order_of,
    pay,
    read_case,
    read_case_dossier,
    read_dossier,
    read_history,
)
from tests.faults.crash_points import AFTER, BEFORE, Killed, crash_points

pytestmark = pytest.mark.usefixtures("quick_press")

TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}
HANDOVER = ("take", "freeze_claim", "save_evidence", "save_evidence 2", "save_evidence 3")
HEADER = "reference;event;mandate;amount;value_date;reason;date"


@pytest.fixture
def folder(make_app: Callable[..., Flask], tmp_path: Path) -> Path:
    """The agency's folder; the app hands over to it."""
    make_app(PARTNER_URL=f"file://{tmp_path}/agency")
    return tmp_path / "agency"


def a_chargeback() -> int:
    """A case that goes straight to the agency, on day 1; returns its id."""
    begin_partner_day(current_app.config["SETTINGS"], after(1))
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK)
    run_day(a_desk(after(1)))
    return read_dossier(receivable_id).case.id


def begin_day(day: int) -> None:
    begin_partner_day(current_app.config["SETTINGS"], after(day))


def read_rows(folder: Path, day: int) -> list[dict[str, str]]:
    """The claims in a day's ZIP."""
    with zipfile.ZipFile(folder / "out" / f"{after(day)}.zip") as archive:
        text = archive.read("claims.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def answer(folder: Path, row: str) -> None:
    """The agency's file comes in and the claim under review is asked after."""
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "answer.csv").write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    begin_day(3)
    empty_queue(now=read_now() + dt.timedelta(minutes=10))


def test_a_claim_waits_for_the_agency_and_is_handed_over_by_its_answer(folder: Path) -> None:
    case_id = a_chargeback()
    empty_queue()
    assert (read_case(case_id).status, read_case(case_id).claim_in_review) == ("running", True)
    assert find_effect("handover").last_error == "under review: released"
    begin_day(2)
    reference = find_effect("handover").reference
    assert [row["reference"] for row in read_rows(folder, 1)] == [reference]
    answer(folder, f"{reference};accepted;AZ-7;;;;{after(3)}")
    case = read_case(case_id)
    assert (case.status, case.claim_id, case.mandate_id) == ("handed_over", reference, "AZ-7")


def test_a_rejected_claim_fails_with_the_agencys_reason(folder: Path) -> None:
    case_id = a_chargeback()
    empty_queue()
    answer(folder, f"{find_effect('handover').reference};rejected;;;;Address unknown;{after(3)}")
    assert read_case(case_id).status == "failed"
    assert read_history(case_id)[-1].reason == "Address unknown"


def test_the_row_has_both_letters_and_the_claim_to_the_cent(folder: Path) -> None:
    begin_day(0)
    case_id = a_case("running", day=33)
    effect = find_effect("handover")
    assert effect.state == "retry_wait"
    begin_day(34)
    with zipfile.ZipFile(folder / "out" / f"{max(folder.glob('out/*.zip')).stem}.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = archive.namelist()
    total = compute_claim(read_case_dossier(case_id).read_facts(), a_desk().policy, after(33)).total
    assert (manifest["claims"], manifest["sum_cents"]) == (1, total)
    assert len([name for name in names if name.startswith(f"letters/{effect.reference}")]) == 2


@pytest.mark.parametrize("moment", [BEFORE, AFTER])
@pytest.mark.parametrize("name", HANDOVER)
def test_killed_around_a_commit_it_is_one_row(folder: Path, name: str, moment: str) -> None:
    a_chargeback()
    effect_id = find_effect("handover").id
    with crash_points(name, moment), pytest.raises(Killed):
        carry_out(effect_id)
    db.session.rollback()
    begin_day(2)
    empty_queue(now=read_now() + dt.timedelta(minutes=10))
    begin_day(3)
    rows = [
        row
        for day in (1, 2)
        if (folder / "out" / f"{after(day)}.zip").exists()
        for row in read_rows(folder, day)
    ]
    assert [row["reference"] for row in rows] == [find_effect("handover").reference]


def test_a_folder_that_is_away_costs_no_claim(folder: Path) -> None:
    folder.write_text("not mounted")
    case_id = a_chargeback()
    empty_queue()
    assert read_case(case_id).status == "running"
    folder.unlink()
    begin_day(1)
    empty_queue(now=read_now() + dt.timedelta(hours=3))
    begin_day(2)
    assert len(read_rows(folder, 1)) == 1


def test_a_look_after_working_hours_closes_the_day(folder: Path) -> None:
    a_chargeback()
    empty_queue()
    partner = thread_channels(current_app.config["SETTINGS"]).partner
    for hour, closed in ((9, False), (17, False), (18, True)):
        desk = a_desk(after(1), now=dt.datetime.combine(after(1), dt.time(hour), a_desk().timezone))
        assert exchange_now(partner, desk) == []
        assert (folder / "out" / f"{after(1)}.zip").exists() is closed


def test_days_played_in_a_row_have_a_zip_each(folder: Path) -> None:
    for due in (0, 1):
        a_receivable(
            a_vendor(auto_chargebacks=True), **TAKEN_BACK, due_date=after(due), order_date=after(due)
        )
    words = ["dunning", "run", "--from", after(0).isoformat(), "--to", after(3).isoformat(), "--inline"]
    result = current_app.test_cli_runner().invoke(args=words)
    assert (result.exit_code, result.stderr) == (0, "")
    days = sorted(path.stem for path in folder.glob("out/*.zip"))
    assert days == [after(0).isoformat(), after(1).isoformat()]


def test_a_rehearsal_writes_no_file(folder: Path) -> None:
    a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK)
    words = ["dunning", "run", "--from", after(0).isoformat(), "--to", after(3).isoformat(), "--dry"]
    assert current_app.test_cli_runner().invoke(args=words).exit_code == 0
    assert not folder.exists()


def test_a_hold_and_money_that_reached_us_are_rows_for_the_agency(folder: Path) -> None:
    case_id = a_chargeback()
    empty_queue()
    reference = find_effect("handover").reference
    answer(folder, f"{reference};accepted;AZ-7;;;;{after(3)}")
    desk = a_desk(after(3))
    hold_case(case_id, 14, an_actor(case_id), desk)
    pay(order_of(case_id).order_id, 40_00, after(3))
    for minutes in (1, 11):
        empty_queue(now=read_now() + minutes * dt.timedelta(minutes=10))
    begin_day(4)
    with zipfile.ZipFile(folder / "out" / f"{after(3)}.zip") as archive:
        text = archive.read("requests.csv").decode("utf-8-sig")
    hold, paid = sorted(csv.DictReader(io.StringIO(text), delimiter=";"), key=lambda row: row["kind"])
    assert (hold["kind"], hold["mandate"], hold["until"]) == ("hold", "AZ-7", after(17).isoformat())
    assert (paid["kind"], paid["reference"], paid["amount"]) == ("payment", reference, "40,00")


def test_money_that_was_taken_back_is_a_row_with_a_minus(folder: Path) -> None:
    case_id = a_chargeback()
    empty_queue()
    answer(folder, f"{find_effect('handover').reference};accepted;AZ-7;;;;{after(3)}")
    for cents in (40_00, -40_00):
        pay(order_of(case_id).order_id, cents, after(3))
    empty_queue(now=read_now() + dt.timedelta(minutes=20))
    begin_day(4)
    with zipfile.ZipFile(folder / "out" / f"{after(3)}.zip") as archive:
        text = archive.read("requests.csv").decode("utf-8-sig")
    rows = {row["kind"]: row for row in csv.DictReader(io.StringIO(text), delimiter=";")}
    assert rows["payment"]["amount"] == "40,00"
    back = rows["reversal"]
    assert (back["amount"].removeprefix("'"), back["value_date"]) == ("-40,00", after(3).isoformat())


# --- With the commands ---


def invoke(*words: str) -> tuple[int, dict[str, int], str]:
    """`flask …`: its exit code, its last line and what it complained of."""
    result = current_app.test_cli_runner().invoke(args=words)
    db.session.rollback()
    return result.exit_code, json.loads(result.stdout.splitlines()[-1]), result.stderr


def put_answer(folder: Path, *rows: str) -> None:
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "answer.csv").write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")


def test_one_look_takes_the_answers_over_and_the_same_file_again_changes_nothing(folder: Path) -> None:
    case_id = a_chargeback()
    empty_queue()
    reference = find_effect("handover").reference
    paid = f"{reference};payment;AZ-7;40,00;{after(1)};;{after(5)}"
    put_answer(folder, f"{reference};accepted;AZ-7;;;;{after(3)}", paid)
    code, tally, problems = invoke("partner", "sync")
    assert (code, tally["reviewed"], problems) == (0, 1, "")
    case = read_case(case_id)
    assert (case.status, case.mandate_id) == ("handed_over", "AZ-7")
    before = ledger_of(case.receivable_id)
    assert [cents for kind, cents, _ in before if kind == "payment"] == [-100_00, -40_00]
    put_answer(folder, f"{reference};accepted;AZ-7;;;;{after(3)}", paid)
    assert invoke("partner", "sync")[0] == 0
    assert ledger_of(case.receivable_id) == before
    put_answer(folder, f"{reference};paid;;;;;{after(9)}")
    assert invoke("partner", "sync")[0] == 0
    assert read_case(case_id).status == "paid"


def test_an_acceptance_the_agency_takes_back_fails_the_case_with_its_reason(folder: Path) -> None:
    case_id = a_chargeback()
    empty_queue()
    reference = find_effect("handover").reference
    put_answer(folder, f"{reference};accepted;AZ-7;;;;{after(3)}")
    assert (invoke("partner", "sync")[0], read_case(case_id).status) == (0, "handed_over")
    put_answer(folder, f"{reference};rejected;;;;Debtor unknown;{after(4)}")
    assert invoke("partner", "sync")[0] == 0
    case = read_case(case_id)
    assert (case.status, case.failure_note) == ("failed", "Debtor unknown")


def test_money_the_agency_gets_on_the_day_of_the_chargeback_is_no_part_of_what_was_taken_back(
    folder: Path,
) -> None:
    case_id = a_chargeback()
    empty_queue()
    reference = find_effect("handover").reference
    charged_back_on = next(
        day for kind, _, day in ledger_of(read_case(case_id).receivable_id) if kind == "chargeback"
    )
    paid = f"{reference};payment;;40,00;{charged_back_on};;{after(5)}"
    put_answer(folder, f"{reference};accepted;AZ-7;;;;{after(3)}", paid)
    assert invoke("partner", "sync")[0] == 0
    assert read_case(case_id).outstanding_cents == 60_00


def test_a_refused_answer_file_ends_the_look_with_its_rows(folder: Path) -> None:
    case_id = a_chargeback()
    empty_queue()
    reference = find_effect("handover").reference
    put_answer(folder, f"{reference};accepted;AZ-7;;;;{after(3)}", f"{reference};payment;;1.000;;;{after(3)}")
    code, tally, problems = invoke("partner", "sync")
    assert (code, tally["mandates"]) == (1, 0)
    assert problems.startswith("answer.csv: row 3, column amount: '1.000' is ambiguous")
    assert read_case(case_id).status == "running"


def test_a_folder_that_is_away_ends_the_look_with_one_line(folder: Path) -> None:
    folder.write_text("not mounted")
    result = current_app.test_cli_runner().invoke(args=["partner", "sync"])
    assert result.exit_code == 1
    assert "the partner's folder" in result.stderr
