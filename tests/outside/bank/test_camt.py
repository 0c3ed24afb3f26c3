"""camt.053: what each entry means, what makes it the same entry again, and which files are refused and why."""

import datetime as dt
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.outside.bank.bank_builders import (
    V2,
    V8,
    VECTORS,
    a_balance,
    a_booking,
    a_camt,
    a_statement,
    a_transaction,
    amounts,
    good,
    left_out,
    read_all,
    whole,
    write_camt,
    write_file,
)

SAMPLE = VECTORS / "camt053_v8.xml"


def as_version_2(source: str) -> str:
    """The sample as the older version writes it."""
    source = source.replace(V8, V2).replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
    source = re.sub(r"</?Pty>", "", source)
    # in version 2 a transaction's amount stands in AmtDtls, without a sign of its own
    amount = r"(</Refs>)(<Amt Ccy=\"EUR\">[\d.]+</Amt>)<CdtDbtInd>\w+</CdtDbtInd>"
    return re.sub(amount, r"\1<AmtDtls><TxAmt>\2</TxAmt></AmtDtls>", source)


def without_identity(payments):
    return [{name: getattr(p, name) for name in p.__slots__ if name != "identity"} for p in payments]


def refusal(tmp_path: Path, content: bytes) -> str:
    payments, problems = read_all(write_file(tmp_path, content, "statement.xml"))
    assert len(problems) == 1, (payments, problems)
    return problems[0]


# --- The sample file ---


def test_the_sample_holds_a_payment_and_a_returned_debit() -> None:
    paid, returned = good(SAMPLE)
    assert (paid.amount_cents, paid.currency, paid.value_date) == (1190_00, "EUR", dt.date(2026, 11, 20))
    assert (paid.structured, paid.reference) == ("RF40RE20260001", "RF40RE20260001")
    assert (paid.payer_name, paid.payer_iban) == ("Erika Mustermann", "DE02120300000000202051")
    assert (returned.amount_cents, returned.value_date) == (-117_50, dt.date(2026, 11, 18))
    assert (returned.return_code, returned.return_fee_cents) == ("MD06", 0)
    # the end-to-end ID says the same as the text: one of them is enough
    assert returned.reference == returned.end_to_end == "RE-2026-0002"


def test_version_2_says_the_same_and_is_the_same(tmp_path: Path) -> None:
    older = write_file(tmp_path, as_version_2(SAMPLE.read_text()).encode(), "v2.xml")
    assert V8 not in older.read_text()
    assert good(older) == good(SAMPLE)


# --- Which entries count ---


def test_only_booked_entries_count_and_only_they_are_summed_up(tmp_path: Path) -> None:
    path = write_camt(
        tmp_path, a_booking(), a_booking("7.00", status="PDNG"), a_booking("9.00", status="INFO")
    )
    assert amounts(good(path)) == [100_00]
    assert left_out(path) == {"not_booked": 2}


def test_our_own_money_is_left_out_but_summed_up(tmp_path: Path) -> None:
    bookings = (
        a_booking("100.00"),
        a_booking("20.00", sign="DBIT"),
        a_booking("5.00", extra="<RvslInd>true</RvslInd>"),
        a_booking("3.00", extra="<BkTxCd><Prtry><Cd>NTRF+159+00931</Cd></Prtry></BkTxCd>"),
        a_booking("2.00", details=[a_transaction(after="<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")]),
    )
    path = write_camt(tmp_path, *bookings, total="90.00")
    assert amounts(good(path)) == [100_00]
    assert left_out(path) == {"outgoing": 1, "debit_reversed": 3}


@pytest.mark.parametrize(
    "mark",
    [
        "<RvslInd>true</RvslInd>",
        "<BkTxCd><Prtry><Cd>NRTI+109+00931</Cd></Prtry></BkTxCd>",
        "<BkTxCd><Prtry><Cd>108</Cd></Prtry></BkTxCd>",
    ],
)
def test_a_debit_taken_back_is_money_returned(tmp_path: Path, mark: str) -> None:
    (returned,) = good(write_camt(tmp_path, a_booking("30.00", sign="DBIT", extra=mark), total="-30.00"))
    assert returned.amount_cents == -30_00


@pytest.mark.parametrize(
    ("part", "cents", "fee"),
    [
        ("<AmtDtls><InstdAmt><Amt Ccy='EUR'>110.00</Amt></InstdAmt></AmtDtls>", -110_00, 7_50),
        (
            "<Chrgs><TtlChrgsAndTaxAmt Ccy='EUR'>7.50</TtlChrgsAndTaxAmt></Chrgs>",
            -110_00,
            7_50,
        ),
        (
            "<Chrgs><Rcrd><Amt Ccy='EUR'>3.00</Amt></Rcrd><Rcrd><Amt Ccy='EUR'>4.50</Amt></Rcrd></Chrgs>",
            -110_00,
            7_50,
        ),
        ("<AmtDtls><InstdAmt><Amt Ccy='USD'>110.00</Amt></InstdAmt></AmtDtls>", -117_50, 0),
        ("", -117_50, 0),
    ],
    ids=["original amount", "sum of charges", "records of charges", "other currency", "nothing said"],
)
def test_what_the_bank_charges_for_a_return_stands_apart(tmp_path: Path, part, cents, fee) -> None:
    booking = a_booking(
        "117.50", sign="DBIT", extra="<RvslInd>1</RvslInd>", details=[a_transaction(before=part)]
    )
    (returned,) = good(write_camt(tmp_path, booking, total="-117.50"))
    assert (returned.amount_cents, returned.return_fee_cents) == (cents, fee)


@pytest.mark.parametrize("version", [V2, V8])
def test_each_transaction_of_a_batch_is_a_payment(tmp_path: Path, version: str) -> None:
    parts = [a_transaction("60.00", "A1", version=version), a_transaction("40.00", "B2", version=version)]
    path = write_camt(tmp_path, a_booking(details=parts, version=version), version=version)
    assert [(p.amount_cents, p.reference) for p in good(path)] == [(60_00, "A1"), (40_00, "B2")]


def test_equal_payments_of_one_batch_stay_two(tmp_path: Path) -> None:
    path = write_camt(tmp_path, a_booking(details=[a_transaction("50.00"), a_transaction("50.00")]))
    assert len({payment.identity for payment in good(path)}) == 2


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["60.00", "50.00"], "the amounts of the batch give 110.00, the entry says 100.00"),
        (["60.00", ""], "the batch does not name the amount of each payment"),
        (["90.00"], "the amounts of the batch give 90.00, the entry says 100.00"),
    ],
)
def test_a_batch_that_does_not_add_up_waits_for_a_person_and_stops_no_other(
    tmp_path: Path, parts, said
) -> None:
    batch = a_booking(details=[a_transaction(amount) for amount in parts])
    parked, other = whole(write_camt(tmp_path, batch, a_booking("5.00"), total="105.00"))
    assert (parked.amount_cents, parked.left_out, other.amount_cents) == (100_00, "unreadable", 5_00)
    assert parked.reference == f"statement S-1, entry 1: {said}"


def test_an_account_in_another_currency_is_said_with_each_payment(tmp_path: Path) -> None:
    booking = a_booking(currency="USD", details=[a_transaction("92.00")])
    (payment,) = good(write_camt(tmp_path, booking))
    assert (payment.amount_cents, payment.currency) == (100_00, "USD")


def test_all_that_can_name_an_order_is_kept_line_by_line(tmp_path: Path) -> None:
    reference = "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>"
    part = a_transaction(before="<Refs><EndToEndId>E-7</EndToEndId></Refs>", text=["Order M6B5", "zL7i"])
    booking = a_booking(details=[part.replace("</RmtInf>", f"{reference}</RmtInf>")])
    (payment,) = good(write_camt(tmp_path, booking))
    assert payment.reference == "RF18539007547034\nOrder M6B5\nzL7i\nE-7"


# --- Identity ---


def test_the_same_statement_again_is_the_same_payments_also_among_others(tmp_path: Path) -> None:
    mine = a_booking(reference="B-2")
    one = good(write_camt(tmp_path, mine))
    two = good(write_camt(tmp_path, a_booking("1.00"), mine, total="101.00"))
    assert two[1].identity == one[0].identity != two[0].identity


@pytest.mark.parametrize("reference", ["B-1", "", "NONREF", "NOTPROVIDED"])
def test_two_equal_payments_on_one_day_stay_two(tmp_path: Path, reference: str) -> None:
    path = write_camt(
        tmp_path, a_booking(reference=reference), a_booking(reference=reference), total="200.00"
    )
    first, second = good(path), good(path)
    assert len({payment.identity for payment in first}) == 2
    assert first == second


def test_without_a_reference_what_it_says_tells_an_entry_apart(tmp_path: Path) -> None:
    def named(name: str, payer: str) -> str:
        booking = a_booking(reference="", details=[a_transaction(name=payer)])
        return good(write_file(tmp_path, a_camt(a_statement(booking, name=name)), "s.xml"))[0].identity

    assert named("S-1", "Anna") == named("S-2", "Anna") != named("S-1", "Bert")


def test_the_bank_s_own_number_of_a_booking_is_a_reference(tmp_path: Path) -> None:
    def numbered(number: str, name: str) -> str:
        own = f"<Refs><Prtry><Tp>FI-UMSATZ-ID</Tp><Ref>{number}</Ref></Prtry></Refs>"
        booking = a_booking(reference="NONREF", details=[a_transaction(before=own)])
        return good(write_file(tmp_path, a_camt(a_statement(booking, name=name)), "s.xml"))[0].identity

    assert numbered("7", "S-1") == numbered("7", "S-2") != numbered("8", "S-1")


def test_one_statement_twice_in_a_file_is_one(tmp_path: Path) -> None:
    statement = a_statement(a_booking(reference=""))
    one, again = good(write_file(tmp_path, a_camt(statement, statement), "s.xml"))
    assert one.identity == again.identity


def test_equal_entries_of_two_pages_of_a_day_stay_two(tmp_path: Path) -> None:
    first, second = (
        a_statement(a_booking(reference=""), name=name, opening=opening)
        for name, opening in (("1/1", "0.00"), ("1/2", "100.00"))
    )
    entries = good(write_file(tmp_path, a_camt(first, second), "s.xml"))
    assert len({entry.identity for entry in entries}) == 2


def test_what_the_account_held_when_a_day_began_is_known_in_any_export(tmp_path: Path) -> None:
    days = [a_booking(reference="", day=f"2026-01-{day}") for day in (19, 20, 20, 21)]
    whole_week = good(write_camt(tmp_path, *days, total="400.00"))
    later = good(
        write_file(tmp_path, a_camt(a_statement(*days[1:], total="300.00", opening="100.00")), "s.xml")
    )
    assert [entry.day_opening for entry in whole_week] == [0, 100_00, 100_00, 300_00]
    without_position = [replace(entry, row=0, former="") for entry in (*whole_week[1:], *later)]
    assert without_position[:3] == without_position[3:]


def test_several_statements_of_a_file_are_checked_each(tmp_path: Path) -> None:
    fine = a_statement(a_booking(reference="B-7"), name="S-2", opening="-50.00")
    payments, problems = read_all(write_file(tmp_path, a_camt(a_statement(total="1.00"), fine), "s.xml"))
    assert len(payments) == 1
    assert problems == [
        "statement S-1: opening balance and entries give 0.00, the closing balance says 1.00",
    ]


def test_pages_of_a_statement_have_interim_balances(tmp_path: Path) -> None:
    page = a_statement(a_booking()).replace("PRCD", "ITBD").replace("CLBD", "ITBD")
    assert amounts(good(write_file(tmp_path, a_camt(page), "s.xml"))) == [100_00]


# --- Files that are refused ---


def test_a_wrong_closing_balance_is_refused_with_both_sums(tmp_path: Path) -> None:
    said = refusal(tmp_path, SAMPLE.read_bytes().replace(b"2072.50", b"2072.51"))
    assert said == (
        "statement STMT-2026-222: opening balance and entries give 2072.50, the closing balance says 2072.51"
    )


@pytest.mark.parametrize("code", ["PRCD", "CLBD"])
def test_a_statement_without_both_balances_is_refused(tmp_path: Path, code: str) -> None:
    statement = a_statement(a_booking()).replace(a_balance(code, "0.00"), "").replace(f">{code}<", ">XPCD<")
    assert refusal(tmp_path, a_camt(statement)).endswith("lacks its opening or closing balance")


XXE = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = "<!DOCTYPE Document [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "prologue",
    ["<!DOCTYPE Document>", XXE, f"{LAUGHS}]>", '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">'],
    ids=["dtd", "xxe", "billion laughs", "external dtd"],
)
@pytest.mark.parametrize("text", ["", "&x;"])
def test_a_document_type_is_refused(tmp_path: Path, prologue: str, text: str) -> None:
    said = refusal(tmp_path, a_camt(a_statement(a_booking(text=text)), before=prologue))
    assert said == "file: the file declares a document type (DTD) or entities; such XML is not read"


@pytest.mark.parametrize(
    "version", ["camt.053.001.04", "camt.052.001.08", "camt.054.001.02", "pain.001.001.03"]
)
def test_another_version_is_refused_by_name(tmp_path: Path, version: str) -> None:
    said = refusal(tmp_path, a_camt(a_statement(a_booking()), version=version))
    assert said == f"file: '{version}' is not read; camt.053.001.02 and camt.053.001.08 are"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><body>Error</body></html>", "'html' is not read"),
        (b"<", "ends too early or is not well-formed XML"),
        (SAMPLE.read_bytes()[:900], "ends too early or is not well-formed XML"),
        (SAMPLE.read_bytes().replace(b"Erika", b"&nbsp;"), "not well-formed XML"),
        (SAMPLE.read_bytes().replace(b"Erika", b"\xff\xfe"), "not well-formed XML"),
        (a_camt(), "the file holds no statement"),
    ],
    ids=["html", "one sign", "cut off", "unknown entity", "encoding", "empty"],
)
def test_what_is_no_whole_statement_is_refused_with_one_line(tmp_path: Path, content, said) -> None:
    _, problems = read_all(write_file(tmp_path, content, "s.xml"))
    assert said in problems[-1]
    assert "\n" not in problems[-1]


def test_every_truncation_of_the_sample_is_refused(tmp_path: Path) -> None:
    whole = SAMPLE.read_bytes().rstrip()
    for length in range(1, len(whole), 97):
        _, problems = read_all(write_file(tmp_path, whole[:length], "s.xml"))
        assert problems, length


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1190.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts", "11,90</Amt><Sts", "'11,90' is not an amount"),
        ("1190.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts", "NaN</Amt><Sts", "'NaN' is not an amount"),
        ("1190.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts", "1.005</Amt><Sts", "'1.005' is not an amount"),
        ("CRDT</CdtDbtInd><Sts>", "CASH</CdtDbtInd><Sts>", "'CASH' is neither CRDT nor DBIT"),
        ("<Dt>2026-11-20</Dt></ValDt>", "<Dt>2026-13-20</Dt></ValDt>", "'2026-13-20' is not a date"),
    ],
)
def test_an_entry_that_cannot_be_read_waits_for_a_person(tmp_path: Path, old, new, said) -> None:
    source = SAMPLE.read_text()
    assert source.count(old) == 1
    parked, other = whole(write_file(tmp_path, source.replace(old, new).encode(), "s.xml"))
    assert parked.reference.startswith(f"statement STMT-2026-222, entry 1: {said}")
    assert (parked.left_out, other.left_out) == ("unreadable", None)


# --- Size ---


WEIGH = """
import resource, sys
from pathlib import Path
from dunning.desk import BERLIN
from dunning.outside.bank.camt import CamtFile
list(CamtFile(Path(sys.argv[1]), BERLIN))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sum(1 for _ in CamtFile(Path(sys.argv[2]), BERLIN)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_file_is_not_held_in_memory(tmp_path: Path) -> None:
    count = 15_000
    bookings = [a_booking("1.00", "text " * 20, reference=f"B-{number}") for number in range(count)]
    path = write_camt(tmp_path, *bookings, total=f"{count}.00")
    assert path.stat().st_size > 6_000_000
    words = [sys.executable, "-c", WEIGH, str(SAMPLE), str(path)]
    read, grown = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    assert int(read) == count
    assert int(grown) < 4_500  # KB: a number for each entry, the present one and what the parser keeps


@pytest.mark.parametrize(
    "flood",
    ["<Ustrd>" + "x" * 5_000_000 + "</Ustrd>", "<a>" * 2_000_000, "<Ustrd>x</Ustrd>" * 300_000],
    ids=["one text", "depth", "one transaction"],
)
def test_what_grows_without_an_end_is_stopped(tmp_path: Path, flood: str) -> None:
    content = a_camt(a_statement(a_booking(details=[f"<TxDtls><RmtInf>{flood}</RmtInf></TxDtls>"])))
    payments, problems = read_all(write_file(tmp_path, content, "s.xml"))
    assert (payments, len(problems)) == ([], 1)
    assert "larger than 4 MB" in problems[0] or "not well-formed" in problems[0]
