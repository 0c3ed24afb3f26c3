"""`flask intake payments` with files of a bank: known by their content, all or nothing, once."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from dunning.records import db
from dunning.records.orders import Payment
from tests.builders import a_vendor, an_order, find_receivable, ledger_of
from tests.outside.bank.bank_builders import VECTORS, a_booking, write_camt, write_file

CAMT, MT940 = VECTORS / "camt053_v8.xml", VECTORS / "mt940.sta"


def take(app: Flask, path: Path):
    return app.test_cli_runner().invoke(args=["intake", "payments", str(path)])


def count_payments() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Payment))


@pytest.mark.parametrize(("path", "read"), [(CAMT, 2), (MT940, 1)])
def test_a_statement_comes_in_once_whatever_its_name(each_app: Flask, tmp_path: Path, path, read) -> None:
    copy = write_file(tmp_path, path.read_bytes(), "payments.csv")
    for new in (read, 0):
        result = take(each_app, copy)
        assert result.exit_code == 0, result.stderr
        assert json.loads(result.stdout) == {
            "read": read,
            "new": new,
            "updated": 0,
            "unchanged": read - new,
        }
    assert count_payments() == read


def test_the_sample_pays_the_order_its_text_names(each_app: Flask) -> None:
    vendor_id = a_vendor()
    an_order(vendor_id, order_id="RE-2026-0001", amount_cents=1190_00)
    assert take(each_app, MT940).exit_code == 0
    assert ("payment", -1190_00) in [
        (kind, cents) for kind, cents, _ in ledger_of(find_receivable("RE-2026-0001"))
    ]


def test_what_the_bank_says_of_a_payment_is_kept(each_app: Flask) -> None:
    take(each_app, CAMT)
    paid, returned = db.session.scalars(select(Payment).order_by(Payment.id)).all()
    assert (paid.source, paid.payer_name, paid.payer_iban) == (
        "camt",
        "Erika Mustermann",
        "DE02120300000000202051",
    )
    assert (paid.unmatched_reason, returned.unmatched_reason) == ("order_unknown", "no_reference")
    assert (returned.amount_cents, returned.return_code) == (-117_50, "MD06")


def test_what_is_left_out_is_counted_beside_the_result(app: Flask, tmp_path: Path) -> None:
    path = write_camt(
        tmp_path, a_booking("150.00"), a_booking("50.00", sign="DBIT"), a_booking(status="PDNG")
    )
    result = take(app, path)
    assert json.loads(result.stdout)["read"] == 3
    assert result.stderr.splitlines() == [
        "left out: 1 × our own outgoing money (see /admin/payments?view=left_out)",
        "left out: 1 × not booked yet (see /admin/payments?view=left_out)",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            CAMT.read_bytes().replace(b">117.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Rvsl", b">x</Amt><Rvsl"),
            "statement STMT-2026-222, entry 2: 'x' is not an amount",
        ),
        (MT940.read_bytes().replace(b"2611201120CR", b"26112X1120CR"), "line 5: '26112X1120CR1190,00"),
    ],
    ids=["camt", "mt940"],
)
def test_one_wrong_entry_waits_for_a_person_and_stops_no_other(app: Flask, tmp_path, content, said) -> None:
    result = take(app, write_file(tmp_path, content, "statement"))
    assert (result.exit_code, result.stderr[:33]) == (0, "left out: 1 × not to be read in f")
    parked = select(Payment).where(Payment.unmatched_reason == "unreadable")
    assert db.session.scalars(parked).one().reference.startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            CAMT.read_bytes().replace(b"2072.50", b"2072.51"),
            "statement STMT-2026-222: opening balance and entries give 2072.50, the closing balance says 2072.51",
        ),
        (MT940.read_bytes().replace(b"2190,00", b"2190,01"), "the closing balance says 2190.01"),
        (CAMT.read_bytes()[:1500], "file: the file ends too early or is not well-formed XML"),
    ],
    ids=["camt balance", "mt940 balance", "cut off"],
)
def test_a_file_that_is_torn_is_refused_as_a_whole(app: Flask, tmp_path: Path, content, said) -> None:
    result = take(app, write_file(tmp_path, content, "statement"))
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert said in line
    assert count_payments() == 0


def test_a_statement_reports_on_a_runner_without_a_terminal_without_a_bar(app: Flask) -> None:
    runner: FlaskCliRunner = app.test_cli_runner()
    result = runner.invoke(args=["intake", "payments", str(CAMT)])
    assert result.stderr == ""
