"""An entry of a bank is on record once, whatever export brings it; where only a person can tell, one is asked."""

import datetime as dt
import random
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from dunning.actions.money.assign_payment import assign_payment, dismiss_payment
from dunning.actions.money.book_payments import Tally, take_payments
from dunning.desk import BERLIN
from dunning.outside.bank.payment_file import open_payments
from dunning.records import db, transaction
from dunning.records.orders import Payment
from dunning.records.queries.money.lists import count_left_out, count_unmatched
from dunning.work import Actor
from tests.builders import a_desk, a_user, an_order, find_receivable, read_receivable
from tests.outside.bank.bank_builders import (
    IBAN,
    a_booking,
    a_camt,
    a_line,
    a_statement,
    a_transaction,
    write_camt,
    write_file,
    write_mt940,
)

pytestmark = pytest.mark.usefixtures("quick_press")
NOW = dt.date(2026, 1, 25)
numbers = count(1)


def take(path: Path) -> Tally:
    file = open_payments(path, BERLIN)
    return take_payments(file.rows, a_desk(NOW), source=file.source)


def an_export(folder: Path, *bookings: str, opening: str = "0.00", name: str = "ONLINE") -> Path:
    """A file of entries of one euro each."""
    statement = a_statement(*bookings, total=f"{len(bookings)}.00", opening=opening, name=name)
    return write_file(folder, a_camt(statement), f"{next(numbers)}.xml")


def one_euro(payer: str, day: int, reference: str = "NONREF") -> str:
    part = a_transaction(name=payer)
    return a_booking("1.00", reference=reference, day=f"2026-01-{day}", details=[part])


def list_reasons() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Payment.unmatched_reason)))


def count_payments() -> int:
    return len(list_reasons())


# --- Exports that overlap ---


@pytest.mark.parametrize("seed", range(12))
def test_exports_that_overlap_by_whole_days_neither_double_nor_lose(each_app: Flask, tmp_path, seed) -> None:
    chance = random.Random(seed)
    days = {day: [chance.choice("AAB") for _ in range(chance.randint(0, 3))] for day in range(10, 16)}
    exports = []
    for _ in range(5):
        first, last = sorted(chance.choices(list(days), k=2))
        opening = sum(len(days[day]) for day in days if day < first)
        shown = [one_euro(payer, day) for day in range(first, last + 1) for payer in days[day]]
        exports.append((an_export(tmp_path, *shown, opening=f"{opening}.00"), range(first, last + 1)))
    chance.shuffle(exports)
    for path, _ in (*exports, exports[0]):
        take(path)
    seen = {day for _, shown in exports for day in shown}
    assert count_payments() == sum(len(days[day]) for day in seen)
    assert "possibly_same" not in list_reasons()


def test_an_export_cut_inside_a_day_is_asked_about(each_app: Flask, tmp_path: Path) -> None:
    take(an_export(tmp_path, one_euro("A", 20)))
    rest = an_export(tmp_path, one_euro("A", 20), one_euro("B", 20), opening="1.00")
    assert (take(rest).new, take(rest).new) == (2, 0)
    assert list_reasons() == ["no_reference", "no_reference", "possibly_same"]


def test_a_position_that_another_payer_has_taken_is_another_payment(each_app: Flask, tmp_path: Path) -> None:
    take(an_export(tmp_path, one_euro("A", 20)))
    assert take(an_export(tmp_path, one_euro("B", 20))).new == 1


def test_one_entry_in_exports_with_and_without_references_is_asked_about(each_app: Flask, tmp_path) -> None:
    take(an_export(tmp_path, one_euro("A", 20, reference="B-7")))
    assert take(an_export(tmp_path, one_euro("A", 20))).new == 1
    assert list_reasons() == ["no_reference", "possibly_same"]


def test_two_entries_with_references_of_their_own_are_two(each_app: Flask, tmp_path: Path) -> None:
    take(an_export(tmp_path, one_euro("A", 20, reference="B-7")))
    take(an_export(tmp_path, one_euro("A", 20, reference="B-8"), opening="1.00"))
    assert list_reasons() == ["no_reference", "no_reference"]


def test_another_format_of_the_account_is_asked_about(each_app: Flask, tmp_path: Path) -> None:
    an_order(order_id="M6B5zL7i")
    take(write_camt(tmp_path, a_booking(text="M6B5zL7i", reference="NONREF")))
    take(write_mt940(tmp_path, a_line("C", "100,00", "166?20SVWZ+M6B5zL7i", bank="NONREF")))
    assert list_reasons() == ["", "possibly_same"]
    assert read_receivable(find_receivable("M6B5zL7i")).paid_cents == 100_00


# --- What was imported before fingerprints ---


def forget_fingerprints(path: Path) -> None:
    """As an older version has recorded the entries of the file."""
    entries = list(open_payments(path, BERLIN).rows)
    with transaction() as session:
        for entry in entries:
            old = {"identity": entry.former or entry.identity, "fingerprint": "", "day_opening": None}
            session.execute(update(Payment).where(Payment.identity == entry.identity).values(**old))


@pytest.mark.parametrize("reference", ["NONREF", "B-1"])
def test_what_an_older_version_imported_is_known(each_app: Flask, tmp_path: Path, reference: str) -> None:
    path = an_export(tmp_path, *[one_euro(payer, 20, reference) for payer in "AABC"])
    take(path)
    forget_fingerprints(path)
    assert take(path).new == 0
    other = an_export(tmp_path, *[one_euro(payer, 20, reference) for payer in "AABD"])
    assert take(other).new == (1 if reference == "NONREF" else 0)


# --- What is no payment ---


def test_every_entry_is_on_record_with_its_reason(each_app: Flask, tmp_path: Path) -> None:
    bookings = [
        a_booking("100.00"),
        a_booking("20.00", sign="DBIT"),
        a_booking("5.00", extra="<RvslInd>true</RvslInd>"),
        a_booking("7.00", status="PDNG"),
        a_booking("0.00"),
        a_booking("9.00", details=[a_transaction("1.00"), a_transaction("2.00")]),
    ]
    assert take(write_camt(tmp_path, *bookings, total="94.00")).new == len(bookings)
    reasons = ["debit_reversed", "no_amount", "no_reference", "not_booked", "outgoing", "unreadable"]
    assert list_reasons() == reasons
    assert (count_unmatched(db.session()).rows, count_left_out(db.session()).rows) == (2, 4)


def test_an_entry_that_was_pending_is_a_payment_once_it_is_booked(each_app: Flask, tmp_path: Path) -> None:
    an_order(order_id="M6B5zL7i")
    take(write_camt(tmp_path, a_booking(text="M6B5zL7i", status="PDNG"), total="0.00"))
    assert read_receivable(find_receivable("M6B5zL7i")).paid_cents == 0
    take(write_camt(tmp_path, a_booking(text="M6B5zL7i")))
    db.session.rollback()
    assert read_receivable(find_receivable("M6B5zL7i")).paid_cents == 100_00


def test_a_person_may_know_a_returned_debit_where_the_bank_does_not_say(each_app: Flask, tmp_path) -> None:
    an_order(order_id="M6B5zL7i")
    take(write_camt(tmp_path, a_booking(text="M6B5zL7i")))
    take(write_camt(tmp_path, a_booking(reference="B-2", sign="DBIT"), total="-100.00"))
    outgoing = db.session.scalars(select(Payment.id).where(Payment.unmatched_reason == "outgoing")).one()
    assign_payment(outgoing, "M6B5zL7i", None, Actor("support", a_user("support")), a_desk(NOW))
    db.session.rollback()
    assert read_receivable(find_receivable("M6B5zL7i")).paid_cents == 0


def test_what_could_not_be_read_is_settled_by_a_person(each_app: Flask, tmp_path: Path) -> None:
    take(write_mt940(tmp_path, a_line("X", "100,00"), a_line("C", "5,00")))
    parked = db.session.scalars(select(Payment.id).where(Payment.unmatched_reason == "unreadable")).one()
    dismiss_payment(parked, "a test of the bank", Actor("support", a_user("support")), a_desk(NOW))
    assert list_reasons() == ["duplicate", "no_reference"]


def test_the_account_belongs_to_what_tells_an_entry_apart(each_app: Flask, tmp_path: Path) -> None:
    path = an_export(tmp_path, one_euro("A", 20))
    take(path)
    other = write_file(tmp_path, path.read_bytes().replace(IBAN.encode(), b"DE02120300000000202051"), "o.xml")
    assert take(other).new == 1
