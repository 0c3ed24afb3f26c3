"""A list of one vendor holds that vendor's cases alone, whatever order IDs, names and addresses others have.

Vendor 8 has two cases. Another vendor's order ID, buyer or e-mail address begins with 8 as well: each is a hit of the
search for 8, and none is ever a row of vendor 8's list, its counts, its sums or its download.
"""

import csv
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.builders import a_case, a_user, a_vendor, empty_queue
from tests.conftest import Browser
from tests.web.world import text_of

pytestmark = pytest.mark.usefixtures("quick_press")
TABLE, OWN = "/admin/cases", 8
COLLIDING = (
    {"order_id": "8uQFmTPB"},
    {"last_name": "8ter", "email": "x@example.com"},
    {"email": "8@example.com"},
    {"company": "8 Freunde GmbH"},
)


@pytest.fixture
def staff(app: Flask) -> Browser:
    """Somebody of support, beside vendor 8 with two cases, and a vendor whose four cases look like 8's."""
    a_vendor(OWN, "Vendor Acht", incasso_review=True)
    other = a_vendor(81007, "Werkstatt")
    for order_id in ("FIRST", "SECOND"):
        a_case("awaiting_approval", vendor_id=OWN, order_id=order_id)
    for order in COLLIDING:
        a_case("running", vendor_id=other, **order)
    empty_queue()
    browser = app.test_client()
    browser.login_as(a_user("support"))
    return browser


def read_orders(page: str) -> set[str]:
    """Vendors of the rows of a table."""
    return set(re.findall(r'href="/admin/vendors/(\d+)"', page.partition('id="list"')[2]))


def read_banner(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page.partition("<main")[0]).split())


def count_rows(page: str) -> int:
    return len(re.findall(r'<tr role="row" id="case-\d+"', page))


def links_of(page: str, path: str) -> set[str]:
    """All addresses of the list on a page."""
    found = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', page)}
    return {link for link in found if urlsplit(link).path in (path, f"{path}.csv") and "lang=" not in link}


def choice_of(link: str) -> list[str]:
    return parse_qs(urlsplit(link).query).get("vendor", [])


def test_a_vendors_list_holds_no_other_vendors_case(staff: Browser) -> None:
    page = staff.get(f"{TABLE}?vendor={OWN}").text
    assert (count_rows(page), read_orders(page)) == (2, {str(OWN)})
    assert "Summe aller 2 Treffer" in text_of(page)
    assert "Sie sehen Daten von Vendor Acht · User-ID 8" in read_banner(page)


def test_its_download_holds_no_other_vendors_case(staff: Browser) -> None:
    page = staff.get(f"{TABLE}?vendor={OWN}").text
    (link,) = {link for link in links_of(page, TABLE) if ".csv" in link}
    lines = csv.DictReader(io.StringIO(staff.get(link).text.lstrip("\ufeff")), delimiter=";")
    assert [line["vendor_id"] for line in lines] == [str(OWN)] * 2


def test_its_cards_and_status_counts_are_its_own(staff: Browser) -> None:
    page = staff.get(f"{TABLE}?vendor={OWN}").text
    tiles = [text_of(tile) for tile in re.findall(r'<a class="tile".*?</a>', page, re.DOTALL)]
    assert tiles[0].startswith("Alle 2 ")
    assert [tile for tile in tiles if tile.startswith("Laufend 0 ")]
    (running,) = re.findall(r'for="status-in_progress">(.*?)</label>', page, re.DOTALL)
    assert text_of(running) == "In Bearbeitung 0"


def test_every_link_of_the_list_keeps_the_vendor_but_the_chip_that_takes_it_off(staff: Browser) -> None:
    page = staff.get(f"{TABLE}?vendor={OWN}&q=FIRST&sort=buyer&per=25").text.partition("<main")[2]
    links = links_of(page, TABLE)
    assert len(links) > 10
    (everybody,) = [link for link in links if choice_of(link) != [str(OWN)]]
    assert re.search(rf'class="chip" href="{re.escape(everybody.replace("&", "&amp;"))}"', page)
    assert 'name="vendor" value="8"' in page


def test_the_links_of_the_vendors_page_and_of_the_banner_are_that_list(staff: Browser) -> None:
    banner = staff.get(f"{TABLE}?vendor={OWN}").text.partition("<main")[0]
    page = staff.get(f"/admin/vendors/{OWN}").text
    for part in (banner, page):
        links = links_of(part, TABLE) - {TABLE}
        assert links
        for link in links:
            assert choice_of(link) == [str(OWN)]
            assert read_orders(staff.get(link).text) == {str(OWN)}


def test_a_search_finds_all_that_begins_so_says_so_and_offers_the_vendor(staff: Browser) -> None:
    page = staff.get(f"{TABLE}?q={OWN}").text
    assert read_orders(page) == {str(OWN), "81007"}
    assert "Sie sehen Daten aller Vendoren" in read_banner(page)
    assert f'href="{TABLE}?vendor={OWN}">Nur die von Vendor Acht, User-ID 8</a>' in page


def test_a_search_within_the_vendors_list_stays_within(staff: Browser) -> None:
    assert count_rows(staff.get(f"{TABLE}?vendor={OWN}&q=8uQFmTPB").text) == 0
    assert count_rows(staff.get(f"{TABLE}?vendor={OWN}&q=FIRST").text) == 1


def test_an_answer_in_place_counts_the_vendors_cases(staff: Browser) -> None:
    page = staff.get(f"{TABLE}?vendor={OWN}").text
    case_id = re.search(r'id="case-(\d+)"', page)[1]
    panel = staff.get(
        f"{TABLE}/{case_id}/eligibility", headers={"Referer": f"http://localhost{TABLE}?vendor={OWN}"}
    )
    assert f'href="{TABLE}?vendor={OWN}#case-{case_id}"' in panel.text


def test_a_vendor_that_does_not_exist_has_no_cases(staff: Browser) -> None:
    page = staff.get(f"{TABLE}?vendor=12345")
    assert (page.status_code, count_rows(page.text)) == (200, 0)
    assert "Vendor: User-ID 12345" in text_of(page.text)


def test_a_vendor_chooses_no_vendor(app: Flask, staff: Browser) -> None:
    own = app.test_client()
    own.login_as(a_user(vendor_id=OWN))
    for choice in ("81007", "x"):
        page = own.get(f"/cases?vendor={choice}")
        assert (page.status_code, count_rows(page.text)) == (200, 2)
        assert "vendor=" not in page.text.partition("<main")[2]


def test_mails_of_one_vendor_are_that_vendors(staff: Browser) -> None:
    mails = "/admin/mail"
    page = staff.get(f"{mails}?state=sent&vendor={OWN}").text
    assert "Vendor: User-ID 8" in text_of(page)
    others = staff.get(f"{mails}?state=sent&vendor=81007").text
    assert "8@example.com" in others
    assert "8@example.com" not in page
    links = links_of(page.partition("<main")[2], mails)
    assert len([link for link in links if choice_of(link) != [str(OWN)]]) == 1
