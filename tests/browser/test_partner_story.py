"""A vendor starts a case, the partner accepts: status and balance appear without loading the page anew."""

import datetime as dt

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.running import current_settings
from tests.actions.at_partner.partner_says import TAKEN_BACK
from tests.browser.shop import VENDOR, case_of, find_user
from tests.builders import a_desk, a_receivable, empty_queue, read_case

pytestmark = pytest.mark.usefixtures("quick_press")

ORDER = "WITHDRAWN1"
TEN_SECONDS = 10_000


@pytest.fixture
def page(shop: Flask, open_page) -> Page:
    """The vendor's browser; a payment was withdrawn yesterday and its case waits for Start."""
    today = current_settings().local_day(read_now())
    a_receivable(
        VENDOR, order_id=ORDER, order_date=today - dt.timedelta(1), last_name="Rückbuch", **TAKEN_BACK
    )
    run_day(a_desk(today))
    assert read_case(case_of(ORDER)).status == "awaiting_approval"
    return open_page(shop, find_user("vendor"))


def mark(page: Page) -> None:
    """A page that is loaded anew forgets this."""
    page.evaluate("window.loadedOnce = true")


def start_after_asking(page: Page) -> None:
    """There is nothing but the handover to come: Start asks first."""
    page.locator("main").get_by_role("button", name="Starten …").click()
    expect(page.get_by_role("heading", name="Ans Inkasso übergeben?")).to_be_visible()
    page.locator("main").get_by_role("button", name="Starten", exact=True).click()


def test_the_row_shows_by_itself_that_the_partner_has_accepted(page: Page) -> None:
    page.goto(f"/cases?q={ORDER}")
    mark(page)
    row = page.locator(f"tr[data-order-id={ORDER}]")
    start_after_asking(page)
    expect(row).to_have_attribute("data-status", "running")
    empty_queue()
    expect(row).to_have_attribute("data-status", "handed_over", timeout=TEN_SECONDS)
    expect(row).to_contain_text("Mahnlauf gestartet")
    expect(page.locator("#said")).to_contain_text("Rückbuch")
    assert page.evaluate("window.loadedOnce")


def test_the_cases_page_shows_the_balance_by_itself(page: Page) -> None:
    page.goto(f"/cases/{case_of(ORDER)}")
    mark(page)
    start_after_asking(page)
    expect(page.locator("#partner")).to_contain_text("Die Forderung ist unterwegs")
    empty_queue()
    expect(page.locator("#partner")).to_contain_text("Dort offen", timeout=TEN_SECONDS)
    expect(page.locator("#partner")).to_contain_text("Aktenzeichen SB-")
    expect(page.locator("main h1 + .badge, main .st").first).to_be_visible()
    assert page.evaluate("window.loadedOnce")


def test_without_scripts_the_page_tells_it_when_it_is_loaded_again(shop, page, open_page) -> None:
    plain = open_page(shop, find_user("vendor"), java_script_enabled=False)
    plain.goto(f"/cases/{case_of(ORDER)}")
    start_after_asking(plain)
    empty_queue()
    plain.reload()
    expect(plain.locator("#partner")).to_contain_text("Dort offen")
