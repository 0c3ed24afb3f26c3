"""What a CSV file may look like on disk, and how one that is none is refused."""

import codecs

import pytest

from dunning.outside.platform.order_csv import read_orders
from dunning.outside.tables.file import CHUNK_BYTES, detect_encoding
from dunning.outside.tables.problem import MAX_PROBLEMS, Problem, ProblemList, show_value
from tests.outside.tables.csv_builders import an_order, csv_text, problem_lines, split_result, write_rows


@pytest.fixture
def path(tmp_path):
    return tmp_path / "orders.csv"


def read_bytes(path, content):
    path.write_bytes(content)
    return split_result(read_orders(path))


def read_text(path, text):
    return read_bytes(path, text.encode())


GOOD = csv_text([an_order()])
HEADER, LINE = GOOD.splitlines()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_utf_8_and_cp1252_with_either_delimiter_give_the_same_rows(path, encoding, delimiter):
    rows, problems = split_result(
        read_orders(write_rows(path, an_order(), delimiter=delimiter, encoding=encoding))
    )
    assert problems == []
    assert (rows[0].last_name, rows[0].city, rows[0].amount_cents) == ("Müller", "Köln", 5594)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(path, ending):
    rows, problems = read_text(path, GOOD.replace("\n", ending))
    assert (len(rows), problems) == (1, [])


def test_column_names_may_be_padded_quoted_and_in_capitals(path):
    rows, problems = read_text(path, GOOD.replace("order_id", '" Order_ID "', 1))
    assert (rows[0].order_id, problems) == ("A1", [])


def test_the_columns_may_stand_in_any_order(path):
    turned = "\n".join(";".join(reversed(line.split(";"))) for line in GOOD.splitlines())
    rows, problems = read_text(path, turned)
    assert (rows[0].order_id, rows[0].city, problems) == ("A1", "Köln", [])


def test_a_row_number_is_the_line_an_editor_shows(path):
    long_name = an_order(buyer_company_name='Haus\n"Sonne"\n& Co')
    bad = an_order(order_id="A2", order_date="31.02.2026", buyer_company_name="")
    text = csv_text([long_name, bad])
    rows, problems = read_text(path, text.replace("\nA2", "\n\n;;;;;;;;;;\nA2"))
    assert (rows[0].row, rows[0].company) == (2, 'Haus "Sonne" & Co')
    assert text.splitlines()[4].startswith("A2")
    assert [(problem.row, problem.column) for problem in problems] == [(7, "order_date")]


def test_a_file_can_be_read_twice_and_says_the_same(path):
    rows = read_orders(write_rows(path, an_order(), an_order(), an_order(order_date="")))
    assert list(rows) == list(rows)
    assert len(list(rows)) == 3


def test_a_header_alone_is_a_file_of_no_rows(path):
    assert read_text(path, HEADER) == ([], [])


@pytest.mark.parametrize("content", [b"", codecs.BOM_UTF8, b"\n\r\n\n"])
def test_an_empty_file_is_refused(path, content):
    assert read_bytes(path, content) == ([], [Problem("empty_file")])


@pytest.mark.parametrize(
    ("encoding", "code"),
    [("utf-16", "utf_16"), ("utf-32", "utf_16"), ("utf-16-le", "binary_file"), ("utf-16-be", "binary_file")],
)
def test_utf_16_is_refused_with_or_without_its_mark(path, encoding, code):
    rows, problems = read_bytes(path, GOOD.encode(encoding))
    assert (rows, [problem.code for problem in problems]) == ([], [code])


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_spreadsheet_is_named_as_one(path, magic):
    rows, problems = read_bytes(path, magic + b"\x14\x00\x06\x00")
    assert (rows, problems) == ([], [Problem("spreadsheet")])


def test_a_byte_that_cp1252_does_not_know_is_named_by_row_and_column(path):
    text = csv_text([an_order(), an_order(order_id="A2", buyer_city="K#ln")])
    rows, problems = read_bytes(path, text.encode("cp1252").replace(b"#", b"\x81"))
    assert [row.last_name for row in rows] == ["Müller"]
    assert [str(problem) for problem in problems] == [
        "row 3, column buyer_city: 'K\\x81ln' holds bytes that are neither UTF-8 nor CP1252 text"
    ]


def test_damaged_utf_8_is_refused_and_not_read_as_cp1252(path):
    text = csv_text([an_order(), an_order(order_id="A2", buyer_city="K#ln")])
    rows, problems = read_bytes(path, text.encode().replace(b"#", b"\xc3"))
    assert [row.last_name for row in rows] == ["Müller"]
    assert [(problem.code, problem.row, problem.column) for problem in problems] == [
        ("bad_byte", 3, "buyer_city")
    ]


def test_a_file_cut_off_inside_a_character_is_refused(path):
    problems = read_bytes(path, GOOD.encode().removesuffix(b"\xb6ln\n"))[1]
    assert [(problem.code, problem.row) for problem in problems] == [("bad_byte", 2)]


def test_a_byte_order_mark_is_believed_even_where_most_umlauts_are_not_utf_8(path):
    rows, problems = read_bytes(path, codecs.BOM_UTF8 + GOOD.encode("cp1252"))
    assert (rows, {problem.code for problem in problems}) == ([], {"bad_byte"})


def test_a_cp1252_file_may_end_in_its_only_umlaut(path):
    text = csv_text([an_order(buyer_lastname="Meyer", buyer_city="Groß")])
    rows, problems = read_bytes(path, text.removesuffix("\n").encode("cp1252"))
    assert ([row.city for row in rows], problems) == (["Groß"], [])


def test_a_character_split_between_two_pieces_of_the_file_is_one_character(path):
    for before in (CHUNK_BYTES - 1, CHUNK_BYTES):
        path.write_bytes(b"x" * before + "ü".encode() + b"x" * CHUNK_BYTES)
        assert detect_encoding(path) == "utf-8-sig"
        path.write_bytes(b"x" * before + "ü".encode("cp1252") + b"x" * CHUNK_BYTES)
        assert detect_encoding(path) == "cp1252"


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x9b"])
def test_control_characters_are_refused_with_row_and_column(path, character):
    rows, problems = split_result(read_orders(write_rows(path, an_order(buyer_lastname=f"M{character}ller"))))
    assert (rows, [(problem.code, problem.row, problem.column) for problem in problems]) == (
        [],
        [("control_character", 2, "buyer_lastname")],
    )
    assert problems[0].value == f"M\\x{ord(character):02x}ller"


def test_nul_bytes_in_the_header_are_no_csv(path):
    rows, problems = read_text(path, GOOD.replace("order_id", "order\0id", 1))
    assert (rows, problems) == ([], [Problem("binary_file", 1)])


def test_ten_thousand_columns_are_refused_in_one_line(path):
    header = HEADER + "".join(f";column_{number}" for number in range(10_000))
    path.write_text(header + "\n" + LINE + ";" * 10_000 + "\n")
    rows = read_orders(path)
    assert problem_lines(rows) == ["row 1: the header has 10,010 columns, at most 200 are read"]
    assert rows.warnings == ()


def test_a_row_of_ten_thousand_fields_is_refused(path):
    rows, problems = read_text(path, GOOD + LINE + ";" * 10_000 + "\n" + LINE.replace("A1", "A2"))
    assert [row.order_id for row in rows] == ["A1", "A2"]
    assert problems == [Problem("field_count", 3, value="10010", hint="10")]


def test_a_row_with_a_field_too_few_is_refused(path):
    rows, problems = read_text(path, HEADER + "\n" + LINE.rsplit(";", 1)[0])
    assert (rows, problems) == ([], [Problem("field_count", 2, value="9", hint="10")])


def test_a_missing_required_column_is_named(path):
    order = an_order()
    del order["transaction_amount"], order["order_date"]
    assert problem_lines(read_orders(write_rows(path, order))) == [
        "row 1, column order_date: this column is required and missing",
        "row 1, column transaction_amount: this column is required and missing",
    ]


def test_a_file_with_tabs_misses_its_columns(path):
    problems = read_text(path, GOOD.replace(";", "\t"))[1]
    assert [problem.code for problem in problems] == ["missing_column"] * 5


def test_a_column_that_appears_twice_is_refused(path):
    rows, problems = read_text(path, HEADER + ";ORDER_ID\n" + LINE + ";A1\n")
    assert (rows, problems) == ([], [Problem("duplicate_column", 1, "order_id")])


def test_columns_without_a_name_are_no_duplicates(path):
    rows, problems = read_text(path, HEADER + ";;\n" + LINE + ";;\n")
    assert ([row.order_id for row in rows], problems) == (["A1"], [])


def test_unknown_columns_are_warned_of_and_ignored(path):
    rows = read_orders(write_rows(path, an_order(colour="red", affiliate="x")))
    assert [str(warning) for warning in rows.warnings] == [
        "row 1: 'colour' is not a known column and is ignored",
        "row 1: 'affiliate' is not a known column and is ignored",
    ]
    assert [row.order_id for row in rows] == ["A1"]


def test_an_overlong_field_is_refused_even_in_an_unknown_column(path):
    rows, problems = split_result(read_orders(write_rows(path, an_order(note="x" * 10_001))))
    assert (rows, [str(problem) for problem in problems]) == (
        [],
        ["row 2, column note: a field is longer than 10,000 characters"],
    )


def test_a_field_of_two_hundred_thousand_characters_is_refused_and_reading_goes_on(path):
    text = csv_text([an_order(buyer_city="x" * 200_000), an_order(order_id="A2")])
    rows, problems = read_text(path, text)
    assert [row.order_id for row in rows] == ["A2"]
    assert problems == [Problem("field_too_long", 2, hint="10,000")]


def test_a_line_of_two_million_characters_ends_the_reading(path):
    rows, problems = read_text(path, GOOD + LINE + "; " * 1_000_000 + "\n" + LINE)
    assert [row.order_id for row in rows] == ["A1"]
    assert [(problem.code, problem.row) for problem in problems] == [("record_too_long", 3)]


def test_a_quotation_mark_never_closed_is_named_where_it_opens(path):
    rows, problems = read_text(path, GOOD + LINE.replace("A1", 'A2;"') + "\n" + LINE.replace("A1", "A3"))
    assert [row.order_id for row in rows] == ["A1"]
    assert [str(problem) for problem in problems] == [
        "row 3: a quotation mark is not closed, or text follows a closed one"
    ]


def test_text_after_a_closed_quotation_mark_is_refused_and_the_next_row_read(path):
    rows, problems = read_text(
        path, HEADER + "\n" + LINE.replace("Köln", '"Köln" am Rhein') + "\n" + LINE.replace("A1", "A2")
    )
    assert [row.order_id for row in rows] == ["A2"]
    assert problems == [Problem("bad_quotes", 2)]


def test_a_quotation_mark_open_to_the_end_of_a_long_file_is_given_up(path):
    problems = read_text(path, GOOD + 'A2;"' + "x\n" * 100_000)[1]
    assert problems[0] == Problem("bad_quotes", 3)


def test_quoted_lines_without_end_stop_at_a_million_characters(path):
    problems = read_text(path, GOOD + '"\n";' * 300_000)[1]
    assert [(problem.code, problem.row) for problem in problems] == [("record_too_long", 3)]


def test_the_first_thousand_problems_are_kept_and_the_rest_counted():
    problems = ProblemList()
    assert not problems
    for row in range(MAX_PROBLEMS + 234):
        problems.add(Problem("missing_value", row + 2, "order_id"))
    assert problems
    lines = list(problems.lines())
    assert (len(lines), problems.total) == (MAX_PROBLEMS + 1, 1234)
    assert lines[0] == "row 2, column order_id: a value is required"
    assert lines[-1] == "… and 234 more"


def test_no_last_line_is_added_when_nothing_was_left_out():
    problems = ProblemList()
    problems.add(Problem("empty_file"))
    assert list(problems.lines()) == ["file: the file is empty"]


def test_a_shown_value_is_short_on_one_line_and_without_control_characters():
    assert show_value("Zoë\n\x1b[31m\udc81") == "Zoë\\n\\x1b[31m\\x81"
    assert show_value("x" * 61) == "x" * 60 + "…"
