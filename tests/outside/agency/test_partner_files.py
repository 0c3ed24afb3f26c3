"""A collection agency without an API: what lies in its folder, and what its answer files make of it."""

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from dunning.jobs.ways.channels import make_partner
from dunning.outside.agency.agency import FilePartner, find_folder
from dunning.outside.agency.rows import CLAIM_COLUMNS
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.outside.partner.client import PartnerClient
from dunning.outside.partner.talk import Outcome, advance_handover
from dunning.rules.partner.handover import Handover
from dunning.rules.partner.wish import Wish
from dunning.settings import Settings
from tests.outside.partner.partner_server import A_BUYER, LETTERS, a_handover

MONDAY, TUESDAY, WEDNESDAY = (dt.date(2026, 3, 2) + dt.timedelta(days=n) for n in range(3))
ONE, TWO = "8c1f0e5b7a2d4c3f9e6b1a0d", "1b0de5a77a2d4c3f9e6b1a0d"
HEADER = "reference;event;mandate;amount;value_date;reason;date"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The agency's folder on a Monday morning; the adapter makes what it needs in it."""
    folder = tmp_path / "agency"
    FilePartner(folder).exchange_files(MONDAY)
    return folder


def hand_over(folder: Path, handover: Handover | None = None) -> Outcome:
    """One whole conversation, by a process that knows nothing of any other."""
    return advance_handover(FilePartner(folder), handover or a_handover(), LETTERS, {}, lambda _: None)


def open_zip(folder: Path, day: dt.date) -> zipfile.ZipFile:
    return zipfile.ZipFile(folder / "out" / f"{day}.zip")


def read_table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(name).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))


def read_manifest(folder: Path, day: dt.date) -> dict:
    return json.loads(open_zip(folder, day).read("manifest.json"))


def list_days(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out").glob("*"))


def answer(folder: Path, *rows: str, name: str = "answer.csv") -> list[str]:
    """The agency puts a file there; what the next exchange says about it."""
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / name).write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return FilePartner(folder).exchange_files(TUESDAY)


def accepted(reference: str = ONE, mandate: str = "AZ-1") -> str:
    return f"{reference};accepted;{mandate};;;;2026-03-03"


# --- Out: one ZIP per day ---


def test_a_claim_is_under_review_once_it_is_handed_over(folder: Path) -> None:
    assert hand_over(folder) == Outcome("review", ONE, None, "released")
    assert list_days(folder) == []


def test_a_day_is_one_zip_with_claims_letters_and_the_hash_of_each_file(folder: Path) -> None:
    hand_over(folder)
    hand_over(folder, a_handover(reference=TWO, principal=5_000, charges=(), payments=()))
    FilePartner(folder).exchange_files(TUESDAY)
    archive = open_zip(folder, MONDAY)
    assert archive.testzip() is None
    manifest = read_manifest(folder, MONDAY)
    assert (manifest["version"], manifest["day"], manifest["claims"]) == (1, "2026-03-02", 2)
    assert manifest["sum_cents"] == a_handover().total + 5_000
    assert set(manifest["files"]) == set(archive.namelist()) - {"manifest.json"}
    for name, sha256 in manifest["files"].items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == sha256
    rows = {row["reference"]: row for row in read_table(archive, "claims.csv")}
    assert [archive.read(name) for name in rows[ONE]["letters"].split()] == [d.content for d in LETTERS]


def test_the_row_of_a_claim_says_who_owes_how_much_since_when(folder: Path) -> None:
    hand_over(folder)
    FilePartner(folder).exchange_files(TUESDAY)
    (row,) = read_table(open_zip(folder, MONDAY), "claims.csv")
    assert tuple(row) == CLAIM_COLUMNS
    assert (row["acting_as"], row["last_name"], row["street"], row["zipcode"], row["country"]) == (
        *("consumer", "Muster", "Am Beispielbach"),
        *("80804", "DE"),
    )
    assert (row["order_date"], row["due_date"], row["reminder_date"], row["delay_date"]) == (
        *("2026-01-02", "2026-01-02"),
        *("2026-01-12", "2026-01-20"),
    )
    assert [row[name] for name in ("principal", "reminder_fee", "interest", "lump_sum", "paid", "total")] == [
        *("1200,00", "1,00", "5,12"),
        *("0,00", "200,00", "1006,12"),
    ]


def test_no_cell_begins_like_a_formula(folder: Path) -> None:
    buyer = replace(A_BUYER, last_name='\t=HYPERLINK("http://x")', city="@SUM(A1)", street='"; x\r\ny')
    hand_over(folder, a_handover(debtor=buyer, product_name="-2+3"))
    FilePartner(folder).exchange_files(TUESDAY)
    (row,) = read_table(open_zip(folder, MONDAY), "claims.csv")
    assert [row[name][0] for name in ("last_name", "city", "product")] == ["'"] * 3
    assert row["street"].startswith('"; x')


def test_an_address_the_mail_server_refused_is_not_passed_on(folder: Path) -> None:
    hand_over(folder, a_handover(debtor=replace(A_BUYER, email_refused=True)))
    FilePartner(folder).exchange_files(TUESDAY)
    (row,) = read_table(open_zip(folder, MONDAY), "claims.csv")
    assert (row["email"], row["phone"]) == ("", "'+49 30 123456")


def test_a_day_without_anything_has_no_zip(folder: Path) -> None:
    for day in (TUESDAY, WEDNESDAY):
        FilePartner(folder).exchange_files(day)
    assert list_days(folder) == []


def test_what_comes_after_the_end_of_a_day_goes_with_the_next(folder: Path) -> None:
    hand_over(folder)
    FilePartner(folder).exchange_files(MONDAY, day_over=True)
    before = (folder / "out" / f"{MONDAY}.zip").read_bytes()
    hand_over(folder, a_handover(reference=TWO))
    FilePartner(folder).exchange_files(MONDAY, day_over=True)
    FilePartner(folder).exchange_files(TUESDAY)
    assert list_days(folder) == ["2026-03-02.zip"]
    FilePartner(folder).exchange_files(TUESDAY, day_over=True)
    assert (folder / "out" / f"{MONDAY}.zip").read_bytes() == before
    assert [row["reference"] for row in read_table(open_zip(folder, TUESDAY), "claims.csv")] == [TWO]


def test_two_folders_with_the_same_day_have_the_same_bytes(tmp_path: Path) -> None:
    packed = []
    for name, references in (("a", (ONE, TWO)), ("b", (TWO, ONE))):
        FilePartner(tmp_path / name).exchange_files(MONDAY)
        for reference in references:
            hand_over(tmp_path / name, a_handover(reference=reference))
        FilePartner(tmp_path / name).exchange_files(TUESDAY)
        packed.append((tmp_path / name / "out" / f"{MONDAY}.zip").read_bytes())
    assert packed[0] == packed[1]


def test_a_claim_written_twice_is_one_row(folder: Path) -> None:
    hand_over(folder)
    hand_over(folder)
    FilePartner(folder).exchange_files(TUESDAY)
    hand_over(folder)
    FilePartner(folder).exchange_files(WEDNESDAY)
    assert list_days(folder) == ["2026-03-02.zip"]
    assert read_manifest(folder, MONDAY)["claims"] == 1


@pytest.mark.parametrize("saved", range(6))
def test_a_process_killed_between_two_steps_leaves_one_claim(folder: Path, saved: int) -> None:
    steps: list[dict] = []

    def save(evidence: dict) -> None:
        if len(steps) == saved:
            raise KeyboardInterrupt
        steps.append(evidence)

    try:
        advance_handover(FilePartner(folder), a_handover(), LETTERS, {}, save)
    except KeyboardInterrupt:
        FilePartner(folder).exchange_files(TUESDAY)
    known = steps[-1] if steps else {}
    again = advance_handover(FilePartner(folder), a_handover(), LETTERS, known, lambda _: None)
    assert again.state == "review"
    FilePartner(folder).exchange_files(WEDNESDAY)
    (day,) = list_days(folder)
    (row,) = read_table(zipfile.ZipFile(folder / "out" / day), "claims.csv")
    assert len(row["letters"].split()) == 2


@pytest.mark.parametrize("lost", ["day", "zip", "manifest"])
def test_a_process_killed_while_it_closes_a_day_packs_it_the_same(folder: Path, lost: str) -> None:
    hand_over(folder)
    FilePartner(folder).exchange_files(TUESDAY)
    packed, closed = folder / "out" / f"{MONDAY}.zip", folder / "closed" / str(MONDAY)
    before = packed.read_bytes()
    # as it lay there when the process died
    if lost == "day":
        (folder / "day").write_text(str(MONDAY))
    else:
        (closed / "manifest.json").unlink()
        for document in LETTERS:
            (closed / "claims" / ONE / document.name).write_bytes(document.content)
    if lost == "zip":
        packed.rename(packed.with_suffix(".part"))
    hand_over(folder, a_handover(reference=TWO))
    FilePartner(folder).exchange_files(TUESDAY)
    assert packed.read_bytes() == before
    FilePartner(folder).exchange_files(WEDNESDAY)
    assert [row["reference"] for row in read_table(open_zip(folder, TUESDAY), "claims.csv")] == [TWO]


def test_many_processes_release_and_close_and_every_claim_is_in_one_day(folder: Path) -> None:
    with get_context("fork").Pool(4) as pool:
        jobs = [pool.apply_async(release_and_close, (folder, number)) for number in range(24)]
        for job in jobs:
            job.get(30)
    FilePartner(folder).exchange_files(MONDAY + dt.timedelta(days=60))
    archives = [zipfile.ZipFile(path) for path in (folder / "out").glob("*.zip")]
    found = [row["reference"] for archive in archives for row in read_table(archive, "claims.csv")]
    assert sorted(found) == sorted(f"claim-{number}" for number in range(24))
    assert len(archives) > 1


def release_and_close(folder: Path, number: int) -> None:
    """Some of the processes turn the day while others release."""
    hand_over(folder, a_handover(reference=f"claim-{number}"))
    FilePartner(folder).exchange_files(MONDAY + dt.timedelta(days=number))


def test_a_packed_letter_is_not_kept_twice(folder: Path) -> None:
    hand_over(folder)
    assert list(folder.glob("**/*.pdf"))
    FilePartner(folder).exchange_files(TUESDAY)
    assert list(folder.glob("**/*.pdf")) == []


def test_a_reference_that_is_a_path_reaches_no_file(folder: Path) -> None:
    with pytest.raises(PartnerRefused):
        hand_over(folder, a_handover(reference="../../etc/passwd"))
    assert FilePartner(folder).find_claims("../../..") == []
    assert FilePartner(folder).find_claims("..") == []


def test_a_folder_that_cannot_be_written_is_a_partner_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "agency").write_text("a file where the folder should be")
    with pytest.raises(PartnerUnavailable) as away:
        hand_over(tmp_path / "agency")
    assert away.value.safe
    assert away.value.away


# --- Out: requests ---


def test_payments_and_wishes_are_rows_beside_the_claims(folder: Path) -> None:
    hand_over(folder)
    answer(folder, accepted())
    partner = FilePartner(folder)
    partner.report_payment(ONE, 12_34, MONDAY, "payment-1")
    partner.report_payment(ONE, -12_34, TUESDAY, "payment-2")
    hold = Wish(mandate_id="AZ-1", kind="hold", text="=please", until=WEDNESDAY, reference="hold-1")
    partner.send_request(hold)
    partner.exchange_files(WEDNESDAY)
    archive = open_zip(folder, TUESDAY)
    rows = {row["key"]: row for row in read_table(archive, "requests.csv")}
    assert read_manifest(folder, TUESDAY)["requests"] == 3
    assert {row["reference"] for row in rows.values()} == {ONE}
    assert {row["mandate"] for row in rows.values()} == {"AZ-1"}
    paid, back, held = (rows[key] for key in ("payment-1", "payment-2", "hold-1"))
    assert (paid["kind"], paid["amount"], paid["value_date"]) == ("payment", "12,34", "2026-03-02")
    assert back["amount"].removeprefix("'") == "-12,34"
    assert (held["kind"], held["until"], held["text"]) == ("hold", "2026-03-04", "'=please")


def test_a_wish_told_twice_is_one_row_also_days_later(folder: Path) -> None:
    hand_over(folder)
    answer(folder, accepted())
    wish = Wish(mandate_id="AZ-1", kind="cancel", text="", reference="cancel-1")
    for day in (TUESDAY, WEDNESDAY, WEDNESDAY + dt.timedelta(days=1)):
        FilePartner(folder).send_request(wish)
        FilePartner(folder).exchange_files(day, day_over=True)
    assert list_days(folder) == ["2026-03-02.zip", "2026-03-03.zip"]
    assert read_manifest(folder, TUESDAY)["requests"] == 1


# --- In: answers ---


def test_an_accepted_claim_is_a_mandate(folder: Path) -> None:
    hand_over(folder)
    assert answer(folder, accepted()) == []
    assert hand_over(folder) == Outcome("accepted", ONE, "AZ-1", "accepted")
    (mandate,) = FilePartner(folder).list_mandates()
    assert (mandate.id, mandate.reference_number, [claim.id for claim in mandate.claims]) == (
        *("AZ-1", "AZ-1"),
        [ONE],
    )
    assert (mandate.legal_stage, mandate.processing_state, mandate.payment_state) == (
        *("extrajudicial", "in_progress"),
        "unpaid",
    )
    assert mandate.legal_claim_balance.total_balance.cents == a_handover().total


def test_a_rejected_claim_has_the_agencys_reason(folder: Path) -> None:
    hand_over(folder)
    answer(folder, f"{ONE};rejected;;;;Address unknown;2026-03-03")
    assert hand_over(folder) == Outcome("rejected", ONE, None, "rejected", ("Address unknown",))


def test_that_a_claim_was_reviewed_is_no_reason_of_its_rejection(folder: Path) -> None:
    hand_over(folder)
    answer(
        folder,
        f"{ONE};under_review;;;;;2026-03-02",
        f"{ONE};rejected;;;;Address unknown;2026-03-03",
    )
    assert FilePartner(folder).get_claim(ONE).reasons == ("Address unknown",)


@pytest.mark.parametrize(
    ("event", "legal", "processing", "payment"),
    [
        ("paused", "extrajudicial", "paused", "unpaid"),
        ("court", "judicial_dunning", "in_progress", "unpaid"),
        ("foreclosure", "foreclosure", "in_progress", "unpaid"),
        ("monitoring", "long_term_monitoring", "in_progress", "unpaid"),
        ("paid", "ended", "ended", "fully_paid"),
        ("ended", "ended", "ended", "unpaid"),
        ("cancelled", "extrajudicial", "canceled_by_client", "unpaid"),
        ("withdrawn", "extrajudicial", "canceled_by_service_provider", "unpaid"),
    ],
)
def test_every_event_says_what_the_api_would_say(
    folder: Path, event: str, legal: str, processing: str, payment: str
) -> None:
    hand_over(folder)
    answer(folder, accepted(), f"{ONE};{event};AZ-1;;;;04.03.2026")
    mandate = FilePartner(folder).get_mandate("AZ-1")
    assert (mandate.legal_stage, mandate.processing_state, mandate.payment_state) == (
        *(legal, processing),
        payment,
    )


def test_a_pause_ends_with_the_next_day_of_work(folder: Path) -> None:
    hand_over(folder)
    answer(folder, accepted(), f"{ONE};paused;;;;;2026-03-04")
    answer(folder, f"{ONE};resumed;;;;;2026-03-20", name="later.csv")
    assert FilePartner(folder).get_mandate("AZ-1").processing_state == "in_progress"


def test_payments_stand_on_the_mandate_until_they_are_taken_back(folder: Path) -> None:
    hand_over(folder)
    payment = f"{ONE};payment;AZ-1;100,00;2026-03-05;;2026-03-06"
    answer(folder, accepted(), payment, payment)
    partner = FilePartner(folder)
    mandate = partner.get_mandate("AZ-1")
    first, second = mandate.claims[0].payments
    assert (first.amount.cents, first.value_date) == (100_00, dt.date(2026, 3, 5))
    assert first.id != second.id
    assert mandate.payment_state == "partially_paid"
    assert mandate.legal_claim_balance.total_balance.cents == a_handover().total - 200_00
    answer(folder, f"{ONE};payment_reversed;;100,00;;Returned;2026-03-08", name="back.csv")
    later = partner.get_mandate("AZ-1")
    assert [p.id for p in later.claims[0].payments] == [first.id]
    assert later.updated > mandate.updated


def test_the_balance_is_the_agencys_once_it_names_one(folder: Path) -> None:
    hand_over(folder)
    answer(folder, accepted(), f"{ONE};balance;;1.250,00;;;2026-03-05")
    assert FilePartner(folder).get_mandate("AZ-1").legal_claim_balance.total_balance.cents == 1_250_00


def test_every_event_is_a_line_of_news_with_an_id_that_stays(folder: Path) -> None:
    hand_over(folder)
    answer(folder, accepted(), f"{ONE};message;;;;Debtor has moved;2026-03-05")
    told = [FilePartner(folder).get_mandate("AZ-1").status_updates for _ in range(2)]
    assert told[0] == told[1]
    assert [(u.title, u.description) for u in told[0]] == [
        ("accepted", None),
        ("message", "Debtor has moved"),
    ]


def test_the_same_file_again_changes_nothing(folder: Path) -> None:
    hand_over(folder)
    rows = (accepted(), f"{ONE};payment;AZ-1;100,00;2026-03-05;;2026-03-06")
    answer(folder, *rows)
    before = FilePartner(folder).get_mandate("AZ-1")
    for name in ("answer.csv", "again.csv"):
        assert answer(folder, *rows, name=name) == []
    assert FilePartner(folder).get_mandate("AZ-1") == before
    assert len(list((folder / "done").iterdir())) == 1
    assert list((folder / "in").iterdir()) == []


def test_rows_told_again_in_a_longer_file_are_the_same_events(folder: Path) -> None:
    hand_over(folder)
    rows = (accepted(), f"{ONE};payment;AZ-1;100,00;2026-03-05;;2026-03-06")
    answer(folder, *rows)
    answer(folder, *rows, f"{ONE};payment;AZ-1;50,00;2026-03-07;;2026-03-08")
    (claim,) = FilePartner(folder).get_mandate("AZ-1").claims
    assert [payment.amount.cents for payment in claim.payments] == [100_00, 50_00]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("nobody;accepted;AZ-2;;;;2026-03-03", "row 3, column reference: nobody is not the reference"),
        ("../../x;accepted;AZ-2;;;;2026-03-03", "row 3, column reference: ../../x is not the reference"),
        (f"{TWO};accepted;;;;;2026-03-03", "row 3, column mandate: a value is required"),
        (
            f"{TWO};accepted;AZ-1;;;;2026-03-03",
            f"row 3, column mandate: AZ-1 is not the mandate of claim {TWO}",
        ),
        (f"{ONE};court;AZ-9;;;;2026-03-03", f"row 3, column mandate: AZ-9 is not the mandate of claim {ONE}"),
        (f"{TWO};rejected;;;;;2026-03-03", "row 3, column reason: a value is required"),
        (f"{TWO};payment;;5,00;2026-03-03;;2026-03-03", f"row 3, column reference: claim {TWO} has not been"),
        (
            f"{ONE};payment;;-5,00;2026-03-03;;2026-03-03",
            "row 3, column amount: '-5.0' must be more than zero",
        ),
        (f"{ONE};payment;;5,00;;;2026-03-03", "row 3, column value_date: a value is required"),
        (f"{ONE};payment;;1.000;2026-03-03;;2026-03-03", "row 3, column amount: '1.000' is ambiguous"),
        (f"{ONE};exploded;;;;;2026-03-03", "row 3, column event: 'exploded' is not one of under_review"),
        (f"{ONE};paused;;;;;2026-02-30", "row 3, column date: '2026-02-30' is not a date"),
        (f"{ONE};paused", "row 3: the row has 2 fields"),
    ],
)
def test_one_bad_row_refuses_the_whole_file_and_is_named(folder: Path, row: str, problem: str) -> None:
    hand_over(folder)
    hand_over(folder, a_handover(reference=TWO))
    (line,) = answer(folder, accepted(), row)
    assert line.startswith(f"answer.csv: {problem}")
    assert list(FilePartner(folder).list_mandates()) == []
    assert (folder / "refused" / "answer.csv.txt").read_text().startswith(line)
    assert (folder / "refused" / "answer.csv").exists()
    assert answer(folder, accepted(), name="better.csv") == []
    assert len(list(FilePartner(folder).list_mandates())) == 1


def test_a_file_without_its_columns_or_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text("reference;event\n")
    (folder / "in" / "b.csv").write_bytes(b"PK\x03\x04")
    assert FilePartner(folder).exchange_files(TUESDAY) == [
        "a.csv: row 1, column date: this column is required and missing",
        "b.csv: file: the file is a spreadsheet or an archive; save it as CSV UTF-8",
    ]


def test_a_running_process_sees_what_another_one_took(folder: Path) -> None:
    worker = FilePartner(folder)
    hand_over(folder)
    assert list(worker.list_mandates()) == []
    answer(folder, accepted())
    assert [mandate.id for mandate in worker.list_mandates()] == ["AZ-1"]


def test_a_file_that_is_still_being_written_is_left_alone(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "answer.csv.part").write_text(HEADER)
    (folder / "in" / ".answer.csv").write_text(HEADER)
    assert FilePartner(folder).exchange_files(TUESDAY) == []
    assert len(list((folder / "in").iterdir())) == 2


# --- Where it is ---


def test_the_folder_is_a_path_of_this_machine() -> None:
    assert find_folder("file:///srv/a%20b") == Path("/srv/a b")


@pytest.mark.parametrize("url", ["file://server/share", "file:relative", "file:///", "file://"])
def test_another_machines_folder_or_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="PARTNER_URL"):
        find_folder(url)


def test_the_configuration_chooses_between_files_and_an_api(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    assert isinstance(make_partner(make_settings(PARTNER_URL=f"file://{tmp_path}/agency")), FilePartner)
    api = make_partner(make_settings(PARTNER_URL="https://api.example.org/v1/", PARTNER_TOKEN="x"))
    assert isinstance(api, PartnerClient)
    assert api.exchange_files(MONDAY, day_over=True) == []
