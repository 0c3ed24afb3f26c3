"""What revision 0005 had recorded of money is known after the upgrade, under requests: nothing twice, nothing lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Date, DateTime, column, insert, select, table, text, update

from dunning.actions.money.book_payments import Tally, take_payments
from dunning.actions.orders.take_events import apply_inbox
from dunning.desk import BERLIN
from dunning.migrations.commands import downgrade_schema, upgrade_schema
from dunning.outside.bank.payment_file import open_payments
from dunning.records import db, transaction
from dunning.records.inbox import InboxEvent
from dunning.records.orders import LedgerEntry, Payment
from tests.builders import (
    a_case,
    a_desk,
    after,
    an_order_row,
    find_receivable,
    import_rows,
    ledger_of,
    order_of,
    read_case,
    read_receivable,
)
from tests.events import SECRET, an_ipn, read_inbox, send_ipn, write_ipn
from tests.outside.bank.bank_builders import a_booking, a_camt, a_statement, write_file

pytestmark = pytest.mark.usefixtures("quick_press")
NOW = after(40)
# what revision 0005 did not read in an event
NEW = ("lines", "cancelled_for", "payment_status", "odd", "unclear")
HEAD = "order_id;amount;value_date;transaction_id\n"
EVENTS = (
    an_ipn("pending", order_id="E5", transaction_id="T10", transaction_amount=100),
    an_ipn("made", order_id="E5", transaction_id="T11", transaction_amount=40),
    an_ipn("refunded", order_id="E5", transaction_id="T12", transaction_amount=-10),
    an_ipn("made", order_id="E5", transaction_id=..., transaction_amount=5),
    an_ipn("refunded", order_id="W1", transaction_id="T13", transaction_amount=10),
)


def take(path: Path) -> Tally:
    file = open_payments(path, BERLIN)
    return take_payments(file.rows, a_desk(NOW), source=file.source)


def put(app: Flask, vendor_id: int, *events: dict[str, Any]) -> list[int]:
    """Sends them and applies what came; the answers."""
    answers = [send_ipn(app, vendor_id, write_ipn(event)).status_code for event in events]
    assert apply_inbox(a_desk(NOW)) == 0
    return answers


def write_files(folder: Path, order_id: str) -> tuple[Path, Path]:
    """A payments file, and a statement whose bank gives no references; of each one payment waits for its order."""
    rows = [f"{order_id};10,00;2026-02-01;T1", "LATER1;30,00;2026-02-01;T2", f"{order_id};1,00;2026-02-02;"]
    bookings = [
        a_booking("1.00", words, reference="NONREF", name=payer)
        for words, payer in ((order_id, "Anna"), (order_id, "Anna"), ("Bestellung LATER2", "Bert"))
    ]
    statement = a_statement(*bookings, total="3.00")
    return (
        write_file(folder, (HEAD + "\n".join(rows)).encode(), "payments.csv"),
        write_file(folder, a_camt(statement), "statement.xml"),
    )


def go_back(*files: Path) -> None:
    """The database as revision 0005 had it, its rows written as that version wrote them."""
    names = {
        row.identity: row.former for path in files for row in open_payments(path, BERLIN).rows if row.former
    }
    with transaction() as session:
        for payment in session.scalars(select(Payment)):
            number = payment.transaction_id
            payment.identity = (
                f"transaction:{number}" if number else names.get(payment.identity, payment.identity)
            )
        for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.dedupe_key.startswith("event:"))):
            _, kind, vendor, number, *_, rate = entry.dedupe_key.split(":")
            key = {"dedupe_key": f"ipn:{kind}:{vendor}:{number}:{rate}"}
            session.execute(update(LedgerEntry).where(LedgerEntry.id == entry.id).values(key))
        for row in session.scalars(select(InboxEvent)):
            read = {name: value for name, value in row.body["event"].items() if name not in NEW}
            if number := read["transaction_id"]:
                read |= {"key": f"{read['event_type']}:{number}", "identity": f"transaction:{number}"}
            row.event_key, row.body = read["key"], row.body | {"event": read}
    downgrade_schema("0005")


@contextmanager
def requests(app: Flask, vendor_id: int) -> Iterator[list[int]]:
    """An event is sent until it is taken, again and again, and the pages are looked at, while the block runs."""
    answers: list[int] = []
    begun, over = threading.Event(), threading.Event()

    def ask() -> None:
        with app.app_context():
            while not over.is_set() or 200 not in answers[-1:]:
                app.test_client().get("/readyz")
                answers.append(send_ipn(app, vendor_id, write_ipn(LATE)).status_code)
                begun.set()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        begun.wait(30)
        yield answers
    finally:
        over.set()
        thread.join(30)
    assert not thread.is_alive()


LATE = an_ipn("made", order_id="E5", transaction_id="T14", transaction_amount=7)


def write_as_before(number: str, order_id: str, cents: int) -> None:
    """A process of the version before, which the upgrade has not ended yet, records a payment nobody can place."""
    texts = {"identity": f"transaction:{number}", "transaction_id": number, "order_id_given": order_id}
    texts |= {"source": "csv", "currency": "EUR", "unmatched_reason": "order_unknown"}
    empty = dict.fromkeys(("reference", "payer_name", "payer_iban", "return_code"), "")
    row = {**texts, **empty, "amount_cents": cents, "return_fee_cents": 0}
    old = table(
        "payments", *map(column, row), column("value_date", Date()), column("recorded_at", DateTime(True))
    )
    with transaction() as session:
        session.execute(insert(old).values(**row, value_date=NOW, recorded_at=a_desk(NOW).now))


def look(*order_ids: str) -> list[object]:
    """All that is known of money."""
    db.session.rollback()
    books = [ledger_of(find_receivable(order_id)) for order_id in order_ids]
    return [*books, sorted(db.session.scalars(select(Payment.amount_cents)))]


def test_what_the_version_before_recorded_is_known_and_what_is_new_goes_in(
    each_app: Flask, tmp_path: Path
) -> None:
    case_id = a_case("running")
    order, vendor_id = order_of(case_id).order_id, read_case(case_id).vendor_id
    with transaction() as session:
        session.execute(text("update vendors set ipn_secret = :s").bindparams(s=SECRET))
    files = write_files(tmp_path, order)
    assert [take(path).new for path in files] == [3, 3]
    put(each_app, vendor_id, *EVENTS)
    shown = (order, "E5")
    before, was = look(*shown), read_case(case_id).outstanding_cents
    go_back(*files)
    with requests(each_app, vendor_id) as answers:
        upgrade_schema()
    assert answers[-1] == 200
    for _ in range(2):
        assert [take(path).new for path in files] == [0, 0]
        put(each_app, vendor_id, *EVENTS, LATE)
    known, late = look(*shown), ("payment", -7_00)
    assert [line[:2] for line in known[1]] == [*(line[:2] for line in before[1]), late]
    assert sorted(known[-1]) == sorted([*before[-1], 7_00])
    assert (known[0], read_case(case_id).outstanding_cents) == (before[0], was)
    assert len(read_inbox()) <= 2 * len(EVENTS) + 1

    write_as_before("T15", "LATER1", 2_00)
    import_rows(an_order_row(vendor_id, order_id="LATER1"), on=NOW)
    put(
        each_app,
        vendor_id,
        an_ipn(order_id="LATER2", transaction_id="T20"),
        an_ipn(order_id="W1", transaction_id="T21"),
    )
    paid = [read_receivable(find_receivable(order_id)).paid_cents for order_id in ("LATER1", "LATER2")]
    assert paid == [32_00, 1_00]
    assert "refund" in {line[0] for line in ledger_of(find_receivable("W1"))}
    put(each_app, vendor_id, an_ipn("made", order_id="E5", transaction_id="T11", transaction_amount=6))
    kinds = [line[:2] for line in ledger_of(find_receivable("E5"))]
    assert kinds[-1] == ("payment", -6_00)
    assert kinds[:-1] == [line[:2] for line in known[1]]
