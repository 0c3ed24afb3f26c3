"""The query string of a table and the filter it means."""

import datetime as dt

import pytest
from werkzeug.datastructures import MultiDict

from dunning.records.queries.cases.filter import CaseFilter
from dunning.records.queries.cases.sorts import SORTS
from dunning.web.lists.cursors import read_cursor, write_cursor
from dunning.web.lists.filters import BadFilter, clear_filter, parse_filter, write_filter
from dunning.web.lists.saved_views import list_chips

FULL = CaseFilter(
    statuses=("running", "failed"),
    opened_from=dt.date(2026, 1, 2),
    opened_to=dt.date(2026, 2, 3),
    amount_min=1,
    amount_max=15_000_00,
    text="anna b",
    ended="90d",
    sort="buyer",
    per=100,
)


@pytest.fixture(autouse=True)
def reader(app):
    """Somebody who reads German."""
    with app.test_request_context("/cases"):
        yield


def read(query: str) -> CaseFilter:
    pairs = (pair.partition("=") for pair in query.split("&")) if query else ()
    return parse_filter(MultiDict([(name, value) for name, _, value in pairs]))


def test_without_parameters_all_cases_stand_with_the_longest_overdue_first():
    assert read("") == CaseFilter()
    assert (CaseFilter().sort, CaseFilter().narrowed) == ("-overdue", False)


def test_what_is_written_is_read_as_the_same():
    pairs = [
        pair.split("=") for pair in write_filter(FULL)[1:].replace("+", " ").replace("%2C", ",").split("&")
    ]
    assert parse_filter(MultiDict(pairs)) == FULL


def test_defaults_are_not_written():
    assert write_filter(CaseFilter()) == ""
    assert write_filter(CaseFilter(), ("open", 7)) == "?open=7"


def test_running_is_called_in_progress():
    assert read("status=in_progress").statuses == ("running",)
    assert read("status=running").statuses == ("running",)
    assert write_filter(CaseFilter(statuses=("running",))) == "?status=in_progress"


def test_statuses_add_up_in_the_order_of_their_life():
    assert read("status=failed&status=awaiting_approval&status=failed").statuses == (
        "awaiting_approval",
        "failed",
    )


@pytest.mark.parametrize(
    ("typed", "cents"), [("0,01", 1), ("15.000,00", 15_000_00), ("1234.56", 1234_56), ("12", 12_00)]
)
def test_amounts_are_read_as_people_type_them(typed, cents):
    assert read(f"amount_min={typed}").amount_min == cents


def test_empty_values_count_as_not_given():
    assert read("status=&period=&amount_min=&amount_max=&q= &sort=&per=&from=&to=") == CaseFilter()


def test_a_chosen_period_replaces_single_days():
    assert read("period=30d&from=2026-01-01") == CaseFilter(period="30d")
    assert read("period=all&to=2026-01-01") == CaseFilter()


@pytest.mark.parametrize(
    "query",
    [
        "status=overdue",
        "status=open",
        "status=paid'--",
        "period=week",
        "from=31.02.2026",
        "from=2026-02-31",
        "from=2026-02-02&to=2026-02-01",
        "amount_min=1.234",
        "amount_min=abc",
        "amount_max=99999999999999999999999",
        "amount_min=2&amount_max=1",
        "q=" + "a" * 201,
        "q=a\x00b",
        "q=a\nb",
        "sort=id",
        "sort=--paid",
        "sort=paid;drop",
        "sort=paid&sort=buyer",
        "per=10",
        "per=1000000",
        "ended=7d",
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_reason(query):
    with pytest.raises(BadFilter) as refused:
        read(query)
    assert len(str(refused.value)) > 10


def test_names_nobody_knows_are_left_to_others():
    assert read("utm_source=mail") == CaseFilter()


@pytest.mark.parametrize("key", SORTS)
def test_every_column_sorts_both_ways(key):
    assert read(f"sort={key}").sort == key
    assert read(f"sort=-{key}").sort == f"-{key}"


def test_each_chip_takes_its_own_filter_off():
    chips = {chip.label: chip.url for chip in list_chips(FULL, "/cases")}
    assert list(chips) == [
        "Status: In Bearbeitung",
        "Status: Gescheitert",
        "Eröffnet 02.01.2026 bis 03.02.2026",
        "Beendet: letzte 90 Tage",
        "Betrag: 0,01\N{NO-BREAK SPACE}€ bis 15.000,00\N{NO-BREAK SPACE}€",
        "Suche: anna b",
    ]
    assert "status=in_progress" not in chips["Status: In Bearbeitung"]
    assert "status=failed" in chips["Status: In Bearbeitung"]
    assert "q=" not in chips["Suche: anna b"]
    assert "amount" not in chips["Betrag: 0,01\N{NO-BREAK SPACE}€ bis 15.000,00\N{NO-BREAK SPACE}€"]


def test_clearing_keeps_order_and_page_size():
    assert clear_filter(FULL) == CaseFilter(sort="buyer", per=100)


def test_a_place_in_the_list_is_good_for_its_own_order_only():
    text = write_cursor("-paid", ">i:1", 50)
    assert read_cursor(MultiDict({"after": text}), "-paid").first_row(50) == 51
    assert read_cursor(MultiDict({"before": text}), "-paid").first_row(20) == 30
    for args, sort in (
        ({"after": text}, "paid"),
        ({"after": text + "x"}, "-paid"),
        ({"before": "x"}, "-paid"),
    ):
        with pytest.raises(BadFilter):
            read_cursor(MultiDict(args), sort)
