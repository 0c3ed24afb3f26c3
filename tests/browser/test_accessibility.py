"""Everybody can read and work the pages: axe finds nothing, nothing runs out of a narrow screen, nothing is heavy."""

import gzip

import pytest
from playwright.sync_api import Page, Request, expect

from tests.actions.orders.telling import tell
from tests.actions.to_partner.partner_asks import ask
from tests.browser.looks import LANGUAGES, list_flaws, list_violations
from tests.browser.shop import case_of, find_user
from tests.builders import a_vendor, read_case

FIRST_PAGE, ACTION = 150_000, 6_000  # bytes, compressed


def vendor_pages() -> list[str]:
    """The table with a red panel open, cases in several statuses, an empty and a missing page."""
    red = case_of("FAILED1")
    return [
        f"/cases?status=failed&status=blocked&status=running&status=handed_over&open={red}",
        "/cases?q=nobody",
        f"/cases/{red}",
        f"/cases/{case_of('LONG1')}",
        f"/cases/{case_of('READY1')}/start",
        "/settings",
        "/orders?order_id=YOUNG1",
        "/orders?order_id=NONE",
        "/nowhere",
    ]


def staff_pages() -> list[str]:
    """Among them a case with a question of the partner that is answered by a form of its own."""
    ask(case_of("HANDED1"), "dynamic-form")
    tell(a_vendor(), "failed", rate_number="first")
    return [
        f"/admin/cases?status=failed&status=running&open={case_of('FAILED1')}",
        f"/admin/cases/{case_of('RUNNING1')}",
        f"/admin/cases/{case_of('HANDED1')}",
        f"/admin/cases/{case_of('HANDED1')}/mahnantrag",
        "/admin/questions",
        "/admin/events",
        "/admin/vendors",
        f"/admin/vendors/{read_case(case_of('HANDED1')).vendor_id}",
        "/admin/eligibility?order_id=YOUNG1",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("who", "list_pages"), [("vendor", vendor_pages), ("support", staff_pages)], ids=["vendor", "support"]
)
def test_axe_finds_nothing_and_no_page_is_too_wide(shop, open_page, who, list_pages, language):
    page = open_page(shop, find_user(who))
    page.goto(f"/?lang={language}")
    found = []
    for path in list_pages():
        page.goto(path)
        # the browser scrolls to the field it focuses by itself a moment after the page has loaded
        page.wait_for_function(
            "!document.querySelector('[autofocus]') || document.activeElement !== document.body"
        )
        expect(page.locator("html")).to_have_attribute("lang", language)
        found += list_flaws(page)
    assert found == []


def test_axe_finds_nothing_after_rows_changed_in_place(shop, open_page):
    page = open_page(shop, find_user("vendor"))
    for order_id in ("WAITING1", "WAITING2"):
        page.goto(f"/cases?q={order_id}")
        page.get_by_role("button", name="Starten").click()
        expect(page.locator("#said")).not_to_be_empty()
        assert list_violations(page) == []


def collect_requests(page: Page) -> list[Request]:
    """All that the page asks for from now on."""
    requests: list[Request] = []
    page.on("request", lambda asked: requests.append(asked))
    return requests


def weigh(requests: list[Request]) -> dict[str, int]:
    """Address -> bytes on the wire behind a proxy that compresses; fonts are compressed as they are."""
    bodies = {asked.url: asked.response().body() for asked in requests}
    return {
        url: len(body) if url.endswith(".woff2") else len(gzip.compress(body, 6))
        for url, body in bodies.items()
        if not url.startswith("data:")
    }


def test_the_first_page_with_fifty_rows_is_light(shop, open_page):
    page = open_page(shop, find_user("vendor"))
    requests = collect_requests(page)
    page.goto("/cases", wait_until="networkidle")
    expect(page.locator("tr[data-order-id]")).to_have_count(50)
    weights = weigh(requests)
    assert len(weights) > 7
    assert sum(weights.values()) <= FIRST_PAGE, weights


def test_an_action_is_light(shop, open_page):
    page = open_page(shop, find_user("vendor"))
    page.goto(f"/cases?q=FAILED1&open={case_of('FAILED1')}", wait_until="networkidle")
    requests = collect_requests(page)
    page.get_by_label("Hausnummer").fill("12")
    page.get_by_label("Postleitzahl").fill("80804")
    page.get_by_role("button", name="Speichern und neu prüfen").click()
    expect(page.locator("form.addr")).to_have_count(0)
    page.locator(".elig").get_by_role("button", name="Starten").click()
    expect(page.locator("tr[data-order-id=FAILED1]")).to_have_attribute("data-status", "running")
    page.wait_for_load_state("networkidle")
    weights = weigh(requests)
    assert len(weights) == 2
    assert max(weights.values()) <= ACTION, weights
