"""MT940: what `:61:` and `:86:` say in the hands of German banks, and which files are refused and why."""

import datetime as dt
import json
from pathlib import Path

import pytest

from dunning.outside.bank.mt940_text import read_text
from tests.outside.bank.bank_builders import (
    VECTORS,
    a_booking,
    a_line,
    amounts,
    good,
    left_out,
    open_file,
    read_all,
    whole,
    write_camt,
    write_file,
    write_mt940,
)

SAMPLE = VECTORS / "mt940.sta"


def refusals(path: Path) -> list[str]:
    return read_all(path)[1]


# --- The sample file ---


def test_the_sample_holds_one_payment_with_its_text_put_together() -> None:
    (payment,) = good(SAMPLE)
    assert (payment.amount_cents, payment.currency) == (1190_00, "EUR")
    assert payment.value_date == dt.date(2026, 11, 20)
    assert payment.reference == "RE-2026-0001 Kunde 4711"
    assert (payment.payer_name, payment.payer_iban) == ("ERIKA MUSTERMANN", "DE02120300000000202051")


def test_the_sample_is_of_the_account_that_the_camt_sample_names(tmp_path: Path) -> None:
    other = write_file(
        tmp_path, SAMPLE.read_bytes().replace(b"37040044/0532013000", b"DE89370400440532013000"), "s"
    )
    assert good(other) == good(SAMPLE)


# --- The text of an entry ---


def text_of(*lines: str):
    return read_text(list(lines))


def test_pieces_of_27_signs_go_on_without_a_blank() -> None:
    full = "SVWZ+Kundennummer 4711 M6B5"
    assert len(full) == 27
    assert text_of(f"166?20{full}?21zL7i").lines == ("Kundennummer 4711 M6B5zL7i",)


def test_after_a_shorter_piece_a_break_is_kept() -> None:
    assert text_of("166?20SVWZ+Order?21M6B5zL7i").lines == ("Order", "M6B5zL7i")


def test_keywords_begin_anew_and_only_the_remittance_text_is_text() -> None:
    text = text_of("166?20EREF+E-77?21KREF+K1?22SVWZ+Order M6B5zL7i?23ABWA+Anna Muster?31DE02?32A GmbH")
    assert text.lines == ("Order M6B5zL7i",)
    assert text.words == {"EREF": "E-77", "KREF": "K1", "ABWA": "Anna Muster"}
    assert (text.payer_account, text.payer_name) == ("DE02", "A GmbH")


def test_a_keyword_after_a_full_piece_begins_a_line() -> None:
    assert text_of(f"166?20{'EREF+' + 'E' * 22}?21SVWZ+Order A1").words == {"EREF": "E" * 22}


def test_text_goes_on_in_the_fields_from_60() -> None:
    assert text_of("166?29SVWZ+one two three four fiv?60e").lines == ("one two three four five",)


def test_without_keywords_all_is_text() -> None:
    assert text_of("051?00GUTSCHRIFT?20Order M6B5?21zL7i").lines == ("Order M6B5", "zL7i")


def test_another_separator_and_question_marks_in_the_text_are_understood() -> None:
    assert text_of("166!20SVWZ+was? 99?!32Muster").lines == ("was? 99?",)


def test_a_text_without_structure_is_kept_by_its_lines() -> None:
    assert text_of("TRANSFER M6B5", "zL7i ANNA MUSTER").lines == ("TRANSFER M6B5", "zL7i ANNA MUSTER")


def test_a_name_cut_in_two_is_one() -> None:
    assert text_of("166?32" + "Anna-Katharina Mustermann-B" + "?33eispiel").payer_name == (
        "Anna-Katharina Mustermann-Beispiel"
    )


# --- Entries ---


def test_the_reasons_and_charges_of_a_return_are_read(tmp_path: Path) -> None:
    rest = "/OCMT/EUR110,00/CHGS/EUR7,50"
    line = a_line("D", "117,50", "109?00RUECKLASTSCHRIFT?20SVWZ+M6B5zL7i MD06", rest=rest)
    (returned,) = good(write_mt940(tmp_path, line, closing="D260120EUR117,50"))
    assert (returned.amount_cents, returned.return_fee_cents) == (-110_00, 7_50)
    assert returned.return_code == "MD06"


@pytest.mark.parametrize(
    ("words", "cents", "fee"),
    [("OAMT+110,00?22COAM+7,50", -110_00, 7_50), ("COAM+7,50", -110_00, 7_50), ("PURP+X", -117_50, 0)],
)
def test_charges_of_a_return_may_stand_in_the_text(tmp_path: Path, words, cents, fee) -> None:
    line = a_line("RC", "117,50", f"109?20SVWZ+x?21{words}")
    (returned,) = good(write_mt940(tmp_path, line, closing="D260120EUR117,50"))
    assert (returned.amount_cents, returned.return_fee_cents) == (cents, fee)


@pytest.mark.parametrize(
    ("mark", "code", "expected"),
    [
        ("C", "166", [100_00]),
        ("CR", "166", [100_00]),
        ("RD", "166", []),
        ("RDR", "166", []),
        ("C", "159", []),
        ("D", "116", []),
        ("D", "108", [-100_00]),
        ("D", "109", [-100_00]),
        ("RC", "109", [-100_00]),
        ("RCR", "166", [-100_00]),
    ],
)
def test_the_mark_and_the_code_say_what_an_entry_is(tmp_path: Path, mark, code, expected) -> None:
    sign = "C" if (mark.strip("R") == "C" and not mark.startswith("R")) or mark.startswith("RD") else "D"
    path = write_mt940(tmp_path, a_line(mark, "100,00", f"{code}?20x"), closing=f"{sign}260120EUR100,00")
    assert amounts(good(path)) == expected
    assert sum(left_out(path).values()) == 1 - len(expected)


def test_the_booking_day_of_the_new_year_belongs_to_a_value_date_of_the_old(tmp_path: Path) -> None:
    line = ":61:2512310102C100,00NTRFNONREF//B-1\n"
    (old,) = good(write_mt940(tmp_path, line))
    camt = a_booking(day="2026-01-02", reference="B-1").replace(
        "<ValDt><Dt>2026-01-02", "<ValDt><Dt>2025-12-31"
    )
    (new,) = good(write_camt(tmp_path, camt))
    assert (old.identity, old.value_date) == (new.identity, new.value_date)


def test_cp1252_and_utf8_say_the_same(tmp_path: Path) -> None:
    line = a_line("C", "100,00", "166?20SVWZ+Rückzahlung?32Jürgen Groß €")
    old = good(write_mt940(tmp_path, line, encoding="cp1252"))
    assert old == good(write_mt940(tmp_path, line))
    assert old[0].payer_name == "Jürgen Groß €"


def test_the_customers_reference_counts_as_text(tmp_path: Path) -> None:
    line = a_line("C", "100,00", "166?20SVWZ+x").replace("NONREF", "M6B5zL7i")
    assert good(write_mt940(tmp_path, line))[0].reference == "x\nM6B5zL7i"


# --- Identity ---


def test_a_booking_with_the_banks_reference_is_the_same_in_camt(tmp_path: Path) -> None:
    (old,) = good(write_mt940(tmp_path, a_line("C", "100,00", bank="2026012012345")))
    (new,) = good(write_camt(tmp_path, a_booking(reference="2026012012345")))
    assert old.identity == new.identity


@pytest.mark.parametrize("bank", ["B-1", "POS 1", "NONREF", ""])
def test_two_equal_payments_on_one_day_stay_two_and_the_same_again(tmp_path: Path, bank: str) -> None:
    path = write_mt940(tmp_path, *[a_line("C", "50,00", bank=bank)] * 2)
    first, second = good(path), good(path)
    assert len({payment.identity for payment in first}) == 2
    assert first == second


def test_a_position_is_no_reference(tmp_path: Path) -> None:
    path = write_mt940(tmp_path, a_line("C", "100,00", bank="POS 1"))
    other = write_file(tmp_path, path.read_bytes().replace(b"POS 1", b"POS 2"), "next.sta")
    assert good(path)[0].identity == good(other)[0].identity


# --- Files that are refused ---


def test_a_wrong_closing_balance_is_refused(tmp_path: Path) -> None:
    path = write_mt940(tmp_path, a_line("C", "100,00"), closing="C260120EUR99,99")
    assert refusals(path) == [
        "statement 00020/001/260119: opening balance and entries give 100.00, the closing balance says 99.99"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (":62F:C260120EUR100,00\n", "", "the statement is not finished"),
        (":60F:C260119EUR0,00\n", "", "lacks its opening or closing balance"),
        (":60F:C260119EUR0,00", ":60F:C260119EUR", "line 4: 'C260119EUR' cannot be read as field :60F:"),
        (":25:37040044/0532013000\n", "", "the statement names no account"),
        ("-\n", "-\n:61:2601200120C100,00NTRFNONREF\n", "line 8: '2601200120C100,00NTRFNONREF' cannot be read"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_is_refused_with_its_line(tmp_path: Path, old, new, said) -> None:
    path = write_mt940(tmp_path, a_line("C", "100,00"))
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    problems = refusals(path)
    assert len(problems) == 1
    assert said in problems[0]


@pytest.mark.parametrize("broken", ["2601200120X100,00", "2613200120C100,00", "2601200120C1OO,00"])
def test_an_entry_that_cannot_be_read_waits_for_a_person(tmp_path: Path, broken: str) -> None:
    path = write_mt940(tmp_path, a_line("C", "100,00", "166?20x"), a_line("C", "5,00"))
    path.write_text(path.read_text().replace("2601200120C100,00", broken))
    parked, other = whole(path)
    assert (parked.left_out, parked.amount_cents, other.amount_cents) == ("unreadable", 0, 5_00)
    assert parked.reference.startswith(f"line 5: '{broken}NTRFNONREF//B-1' cannot be read as field :61:")
    assert "166?20x" in parked.reference


@pytest.mark.parametrize(
    ("sign", "kept"), [(b"\x81", "\N{REPLACEMENT CHARACTER}"), (b"\x00", ""), (b"\x1a", "")]
)
def test_bytes_that_are_no_text_cost_nothing_but_themselves(tmp_path: Path, sign: bytes, kept: str) -> None:
    path = write_mt940(tmp_path, a_line("C", "100,00", "166?20SVWZ+x"))
    path.write_bytes(path.read_bytes().replace(b"+x", b"+" + sign + b"x\xfc") + sign)
    (payment,) = good(path)
    assert payment.reference == f"{kept}xü"


def test_a_field_without_an_end_is_stopped(tmp_path: Path) -> None:
    path = write_mt940(tmp_path, a_line("C", "100,00", "166?20" + ("x" * 60 + "\n") * 1_000))
    assert "longer than 5,000 characters" in refusals(path)[0]


# --- Which format it is ---


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (b":20:START\n", "mt940"),
        (b"\n\n:20:START\n", "mt940"),
        (b"{1:F01COBADEFF}{2:O940}{4:\n:20:START\n", "mt940"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "camt"),
        ("<?xml version='1.0' encoding='utf-16'?>".encode("utf-16"), "camt"),
        (b"  <Document/>", "camt"),
        (b"order_id;amount;value_date\n", "csv"),
        (json.dumps({"amount": 1}).encode(), "csv"),
        (b"", "csv"),
    ],
)
def test_a_file_is_known_by_what_it_begins_with(tmp_path: Path, content: bytes, source: str) -> None:
    assert open_file(write_file(tmp_path, content, "payments.dat")).source == source
