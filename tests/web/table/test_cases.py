"""The case table: every filter, every order, every page, against the same computed in Python."""

import datetime as dt
import re
from urllib.parse import urlencode

import pytest

from dunning.records.orders import Receivable
from dunning.rules.names import fold
from dunning.rules.statuses import TERMINAL
from tests.builders import a_case, a_user, a_vendor, order_of, read_case, read_case_dossier
from tests.midnight import Daily
from tests.statements import counted_statements
from tests.web.shop import SIZE, shop, shops

__all__ = ["shop", "shops"]
MOST_STATEMENTS = 8

row_tag = re.compile(r'<tr role="row" id="case-(\d+)" data-order-id="([^"]+)" data-status="(\w+)">')
next_link = re.compile(r'<a class="btn btn-sm" href="([^"]+)" rel="(next|prev)">')
totals = re.compile(r"<tfoot.*?</tfoot>", re.DOTALL)
tile = re.compile(
    r'<a class="tile" href="([^"]*)"[^>]*><span>([^<]+)</span><b>([\d.]+)</b><strong>([^<]+)</strong>'
)


def list_ids(page: str) -> list[int]:
    return [int(found[0]) for found in row_tag.findall(page)]


def show(shop, **query) -> str:
    """All hits of a query on one page of 100."""
    answer = shop.visit().get("/cases?" + urlencode(query | {"per": 100}, doseq=True))
    assert answer.status_code == 200, answer.text
    return answer.text


def read_facts(case_id: int) -> dict:
    """What the table is about, read the slow way."""
    case, order, buyer = read_case(case_id), order_of(case_id), order_of(case_id).buyer
    receivable: Receivable = case.receivable
    return {
        "id": case_id,
        "status": case.status,
        "opened": case.opened_on,
        "ended": case.ended_on,
        "outstanding": case.outstanding_cents,
        "order_amount": receivable.original_cents * order.rates,  # of a plan only the first rate is known
        "paid": sum(r.paid_cents for r in order.receivables),
        "order_id": order.order_id,
        "buyer": f" {fold(f'{buyer.first_name} {buyer.last_name} {buyer.company}')} ",
        "due": receivable.due_date if case.status not in TERMINAL else None,
    }


@pytest.fixture(scope="module")
def daily_facts(shops) -> Daily[list[dict]]:
    """The facts of all the vendor's cases."""
    return Daily(lambda: [read_facts(case_id) for case_id in shops.get().case_ids])


@pytest.fixture
def facts(daily_facts) -> list[dict]:
    return daily_facts.get()


def begins(names: str, text: str) -> bool:
    return all(f" {word}" in names for word in text.split())


FILTERS = {
    "status=running": lambda c, _: c["status"] == "running",
    "status=in_progress&status=paid": lambda c, _: c["status"] in ("running", "paid"),
    "status=failed": lambda c, _: c["status"] == "failed",
    "period=30d": lambda c, today: c["opened"] >= today - dt.timedelta(30),
    "period=90d&status=paid": lambda c, today: (
        c["opened"] >= today - dt.timedelta(90) and c["status"] == "paid"
    ),
    "period=year": lambda *_: True,
    "amount_min=100": lambda c, _: c["outstanding"] >= 100_00,
    "amount_max=100,00": lambda c, _: c["outstanding"] <= 100_00,
    "amount_min=50.00&amount_max=250,00": lambda c, _: 50_00 <= c["outstanding"] <= 250_00,
    "q=demir": lambda c, _: begins(c["buyer"], "demir"),
    "q=DEMIR+%C5%9E%C3%BC": lambda c, _: begins(c["buyer"], "demir su"),
    "q=gro%C3%9F": lambda c, _: begins(c["buyer"], "gross"),
    "q=angstrom": lambda c, _: begins(c["buyer"], "angstrom"),
    "q=emir": lambda *_: False,
    "q=%25": lambda *_: False,
    "q=_": lambda *_: False,
    "q=a0": lambda c, _: c["order_id"].lower().startswith("a0"),
    "q=b05xQ": lambda c, _: c["order_id"] == "b05xQ",
    "ended=30d": lambda c, today: c["ended"] is not None and c["ended"] >= today - dt.timedelta(30),
    "ended=90d&status=paid": lambda c, _: c["ended"] is not None and c["status"] == "paid",
}


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_leaves_exactly_the_cases_it_names(shop, facts, query):
    wanted = {case["id"] for case in facts if FILTERS[query](case, shop.today)}
    page = shop.visit().get(f"/cases?{query}&per=100").text
    assert set(list_ids(page)) == wanted


def test_days_of_opening_are_inclusive(shop, facts):
    days = sorted({case["opened"] for case in facts})
    wanted = {case["id"] for case in facts if days[2] <= case["opened"] <= days[4]}
    found = list_ids(show(shop, **{"from": days[2].isoformat(), "to": days[4].isoformat()}))
    assert set(found) == wanted
    assert wanted


def test_the_totals_are_those_of_all_hits_not_of_the_page(shop, facts):
    page = shop.visit().get("/cases?per=25&amount_min=50").text
    hits = [case for case in facts if case["outstanding"] >= 50_00]
    row = totals.search(page)[0].replace("\N{NO-BREAK SPACE}", " ")
    assert len(list_ids(page)) == 25 < len(hits)
    assert f"Summe aller {len(hits)} Treffer" in row
    cents = sum(case["outstanding"] for case in hits)
    assert f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02d} €" in row


def test_a_view_leads_to_as_many_cases_as_it_says(shop):
    browser = shop.visit()
    for url, _name, number, _sum in tile.findall(browser.get("/cases").text):
        page = browser.get(url.replace("&amp;", "&") + ("&" if "?" in url else "?") + "per=100").text
        assert len(list_ids(page)) == int(number), url


def test_no_row_of_another_vendor_is_shown(shop):
    assert shop.foreign not in list_ids(show(shop))
    assert set(list_ids(show(shop))) == set(shop.case_ids)


def test_a_row_says_who_owes_what(shop):
    page = show(shop)
    for case_id, order_id, status in row_tag.findall(page):
        case = read_case(int(case_id))
        assert (order_of(case.id).order_id, case.status) == (order_id, status)


# --- Order and pages ---

KEYS = {
    "overdue": lambda c: -(c["due"] or dt.date.max).toordinal(),
    "outstanding": lambda c: c["outstanding"],
    "order_amount": lambda c: c["order_amount"],
    "paid": lambda c: c["paid"],
    "buyer": lambda c: c["buyer"],
    "order_id": lambda c: c["order_id"],
    "opened": lambda c: c["opened"],
}


def sort_facts(facts: list[dict], sort: str) -> list[int]:
    """The ids in an order, equal ones by id."""
    by_id = sorted(facts, key=lambda case: case["id"])
    # `reverse` keeps equal ones in their order
    ordered = sorted(by_id, key=KEYS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return [case["id"] for case in ordered]


@pytest.mark.parametrize("sort", [sign + key for key in KEYS for sign in ("", "-")])
def test_an_order_is_the_one_python_gives(shop, facts, sort):
    assert list_ids(show(shop, sort=sort)) == sort_facts(facts, sort)


@pytest.mark.parametrize("sort", [sign + key for key in (*KEYS, "status") for sign in ("", "-")])
def test_pages_cover_every_row_once_forward_and_back(shop, sort):
    browser, whole = shop.visit(), list_ids(show(shop, sort=sort))
    forward = walk_pages(browser, f"/cases?per=25&sort={sort}", "next")
    assert [row for page, _ in forward for row in page] == whole
    backward = walk_pages(browser, forward[-1][1], "prev")
    assert [row for page, _ in reversed(backward) for row in page] == whole


def walk_pages(browser, url: str, rel: str) -> list[tuple[list[int], str]]:
    """The rows of each page in one direction, with its address."""
    pages = []
    while url:
        text = browser.get(url).text
        pages.append((list_ids(text), url))
        url = next((found.replace("&amp;", "&") for found, way in next_link.findall(text) if way == rel), "")
    return pages


def test_a_page_says_which_rows_it_shows(shop):
    browser = shop.visit()
    pages = [browser.get(url).text for _, url in walk_pages(browser, "/cases?per=25", "next")]
    shown = [re.search(r">([\d–]+ von \d+)<", page)[1] for page in pages]
    assert shown == [f"1–25 von {SIZE}", f"26–50 von {SIZE}", f"51–60 von {SIZE}"]


# --- Bad input ---


@pytest.mark.parametrize(
    "query",
    [
        "status=overdue",
        "sort=secret",
        "after=abc",
        "before=%00",
        "amount_min=1.234",
        "q=%00",
        "per=7",
        "open=x",
    ],
)
def test_a_parameter_nobody_understands_is_400_with_a_way_back(shop, query):
    answer = shop.visit().get(f"/cases?{query}")
    assert answer.status_code == 400
    assert 'href="/cases" data-reset' in answer.text


def test_markup_in_the_search_is_shown_as_text(shop):
    page = show(shop, q="<script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


# --- Cost ---


@pytest.mark.parametrize("query", ["", "?per=100", "?q=anna&status=running", "?sort=buyer"])
def test_a_page_asks_few_questions_however_many_rows_it_has(shop, query):
    browser = shop.visit()
    browser.get("/cases")
    with counted_statements() as statements:
        assert browser.get(f"/cases{query}").status_code == 200
    asked = [statement for statement in statements if not statement.startswith("BEGIN")]
    assert len(asked) <= MOST_STATEMENTS, "\n".join(asked)


def test_an_open_panel_stays_within_them(shop):
    browser = shop.visit()
    with counted_statements() as statements:
        assert browser.get(f"/cases?open={shop.case_ids[5]}").status_code == 200
    asked = [statement for statement in statements if not statement.startswith("BEGIN")]
    # the case's own two
    assert len(asked) <= MOST_STATEMENTS + 2, "\n".join(asked)


# --- What is said ---


def test_whoever_is_not_logged_in_is_asked_to(client):
    assert client.get("/cases").location == "/login?next=/cases"


def test_staff_have_a_table_of_their_own(client):
    client.login_as(a_user("support"))
    assert client.get("/cases").status_code == 404
    assert client.get("/cases.csv").status_code == 404


def test_a_shop_without_cases_is_told_how_they_come(client):
    client.login_as(a_user())
    page = client.get("/cases").text
    assert "Noch gibt es keine Fälle" in page
    assert "10 Tage nach Fälligkeit" in page


def test_a_filter_without_hits_offers_to_reset(shop):
    page = show(shop, q="nobody")
    assert "Kein Fall passt zu diesen Filtern" in page
    assert 'href="/cases?per=100"' in page


@pytest.mark.parametrize(("cents", "limit"), [(1_000_00, "1.000 €"), (150_50, "150,50 €")])
def test_the_settings_stand_in_one_sentence(client, cents, limit):
    vendor_id = a_vendor(
        incasso_review=False, handover_threshold=cents, incasso_schema=3, auto_chargebacks=True
    )
    client.login_as(a_user(vendor_id=vendor_id))
    words = re.sub(r"<[^>]+>", "", client.get("/cases").text).replace("\N{NO-BREAK SPACE}", " ")
    assert f"Automatische Übergabe über {limit}" in words
    assert "Rückbuchungen automatisch" in words


@pytest.mark.usefixtures("quick_press")
def test_the_status_says_what_happens_next(client):
    vendor_id = a_vendor()
    failed = a_case("failed", vendor_id=vendor_id)
    running = a_case("running", vendor_id=vendor_id, order_date=dt.date(2026, 1, 2))
    client.login_as(a_user(vendor_id=vendor_id))
    notes = dict(
        re.findall(r'id="status-(\d+)".*?</a><small>([^<]+)</small>', client.get("/cases").text, re.DOTALL)
    )
    assert notes[str(failed)] == "Anschrift unvollständig"
    step = read_case_dossier(running).receivable.next_step_on
    assert step is not None
    assert notes[str(running)].startswith("1. Anruf")


def test_the_page_is_english_when_chosen(shop):
    browser = shop.visit()
    browser.set_cookie("lang", "en")
    page = browser.get("/cases").text
    assert "Waiting for approval" in page
    assert re.search(r"€\d", page)
