"""The download of the case table: the same query, safe in a spreadsheet, any size."""

import csv
import io
import re

import pytest

from dunning.records import transaction
from dunning.web.lists.filters import CaseFilter
from dunning.web.table.export import FLUSH_AT, HEADER, write_csv
from tests.builders import a_receivable, a_user, a_vendor, after, find_case, order_of, play_until, read_case
from tests.web.shop import shop, shops
from tests.web.table.test_cases import list_ids

__all__ = ["shop", "shops"]
CONTRACT = (
    "case_id;order_id;rate;rates;first_name;last_name;company;status;status_label;opened;due_date;days_overdue;"
    "outstanding;order_amount;paid;cancellation_costs;scheme;currency"
)


def download(browser, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"/cases.csv{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_the_header_is_the_contracts_to_the_letter(shop):
    first = shop.visit().get("/cases.csv").data.decode("utf-8-sig").split("\r\n")[0]
    assert first == CONTRACT == ";".join(HEADER)


def test_it_holds_the_rows_of_the_page_in_their_order_without_pages(shop):
    browser = shop.visit()
    query = "?status=awaiting_approval&sort=-outstanding"
    rows = download(browser, query + "&per=25")
    assert [int(row["case_id"]) for row in rows] == list_ids(browser.get(f"/cases{query}&per=100").text)
    assert len(rows) > 25


def test_every_cell_is_the_cases(shop):
    for row in download(shop.visit()):
        case = read_case(int(row["case_id"]))
        order = order_of(case.id)
        assert row["order_id"] == order.order_id
        assert (row["status"], row["opened"]) == (case.status, case.opened_on.isoformat())
        assert row["outstanding"] == f"{case.outstanding_cents // 100},{case.outstanding_cents % 100:02d}"
        assert row["last_name"] == order.buyer.last_name
        assert (row["rate"], row["rates"]) == ("1", str(order.rates))
        assert (row["scheme"], row["currency"]) == (str(case.scheme or 2), "EUR")


def test_days_overdue_are_counted_for_open_cases_only(shop):
    for row in download(shop.visit()):
        case = read_case(int(row["case_id"]))
        ended = case.status in ("paid", "closed", "cancelled")
        assert row["days_overdue"] == ("" if ended else str((shop.today - case.receivable.due_date).days))


def test_the_label_is_in_the_readers_language(shop):
    browser = shop.visit()
    assert {row["status_label"] for row in download(browser, "?status=running")} == {"Laufend"}
    browser.set_cookie("lang", "en")
    assert {row["status_label"] for row in download(browser, "?status=running")} == {"Running"}


def test_a_bad_filter_is_refused_here_too(shop):
    assert shop.visit().get("/cases.csv?status=overdue").status_code == 400


def test_the_page_links_to_its_own_download(shop):
    page = shop.visit().get("/cases?status=paid&sort=buyer").text
    assert 'href="/cases.csv?status=paid&amp;sort=buyer"' in page


def test_staff_get_the_vendor_on_each_line(shop):
    with shop.app.test_request_context():
        text = "".join(write_csv(CaseFilter(), None, shop.today))
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")), delimiter=";"))
    assert list(rows[0])[:2] == ["vendor_id", "vendor_name"]
    assert len({row["vendor_id"] for row in rows}) == 2
    assert str(shop.foreign) in {row["case_id"] for row in rows}


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+49", "-cmd", "\t=1", "a;b", 'say "x"', "line\nbreak"])
def test_no_cell_is_a_formula_and_every_cell_comes_back(app, client, name):
    vendor_id = a_vendor(incasso_review=True)
    receivable_id = a_receivable(vendor_id, email="")
    play_until(after(10))
    case_id = find_case(receivable_id)
    with transaction() as session:
        session.get_one(type(order_of(case_id).buyer), order_of(case_id).buyer.id).company = name
    client.login_as(a_user(vendor_id=vendor_id))
    cell = download(client)[0]["company"]
    assert not re.match(r"[=+\-@\t\r]", cell)
    assert cell.lstrip("'").strip() == name.strip().replace("|", "\\|")


def test_it_is_sent_in_pieces(shop, monkeypatch):
    monkeypatch.setattr("dunning.web.table.export.FLUSH_AT", 500)
    with shop.app.test_request_context():
        pieces = list(write_csv(CaseFilter(), shop.vendor_id, shop.today))
    assert FLUSH_AT > 500
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 1000
