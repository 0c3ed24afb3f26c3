"""What scripts add to the case table: rows change in place, nothing is sent twice, the focus stays with the reader."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from dunning.records import db
from dunning.records.journal import History
from tests.browser.shop import case_of, find_user
from tests.builders import read_case


@pytest.fixture
def page(shop, open_page):
    """The vendor's table, marked so that a new load shows."""
    page = open_page(shop, find_user("vendor"))
    page.goto("/cases?per=25")
    page.evaluate("window.loadedOnce = true")
    yield page
    assert page.evaluate("window.loadedOnce"), "the page was loaded anew"


def row_of(page: Page, order_id: str):
    return page.locator(f"tr[data-order-id={order_id}]")


def find_order(page: Page, order_id: str) -> None:
    """Types into the filter, as people do, and waits for the row."""
    page.fill("#q", order_id)
    expect(page.locator("tr[data-order-id]")).to_have_count(1)
    expect(row_of(page, order_id)).to_be_visible()


def count_starts(order_id: str) -> int:
    query = select(func.count()).where(History.case_id == case_of(order_id), History.verb == "start")
    found = db.session.scalar(query)
    db.session.rollback()
    return found


def test_start_swaps_the_row_says_so_and_leaves_the_focus_on_undo(page):
    find_order(page, "WAITING1")
    row = row_of(page, "WAITING1")
    row.get_by_role("button", name="Starten").click()
    expect(row).to_have_attribute("data-status", "running")
    expect(page.locator("#said")).to_contain_text("Mahnlauf gestartet: Anna Warter")
    expect(row.get_by_role("button", name="Rückgängig")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_have_attribute("data-status", "awaiting_approval")
    expect(page.locator("#said")).to_contain_text("Rückgängig gemacht")
    expect(row.get_by_role("button", name="Starten")).to_be_focused()


def test_start_changes_the_figures_of_the_saved_views_too(page):
    waiting = page.locator("#views a", has_text="Zu prüfen").locator("b")
    before = int(waiting.inner_text())
    find_order(page, "WAITING1")
    row_of(page, "WAITING1").get_by_role("button", name="Starten").click()
    expect(waiting).to_have_text(str(before - 1))


def test_a_double_click_starts_once_and_does_not_undo(page):
    find_order(page, "WAITING1")
    row_of(page, "WAITING1").get_by_role("button", name="Starten").dblclick()
    expect(row_of(page, "WAITING1")).to_have_attribute("data-status", "running")
    page.wait_for_load_state("networkidle")
    assert read_case(case_of("WAITING1")).status == "running"
    assert count_starts("WAITING1") == 1


def test_a_red_start_opens_the_panel_below_the_row_and_says_why(page):
    find_order(page, "WAITING2")
    row_of(page, "WAITING2").get_by_role("button", name="Starten").click()
    panel = page.locator(f"#slot-{case_of('WAITING2')} #eligibility-{case_of('WAITING2')}")
    expect(panel.locator("li[data-ok=false]").first).to_be_visible()
    expect(page.locator("#said")).to_contain_text("Start noch nicht möglich")
    expect(row_of(page, "WAITING2").locator("[aria-expanded]")).to_have_attribute("aria-expanded", "true")
    assert count_starts("WAITING2") == 0


def test_the_status_opens_the_panel_and_closes_it_again(page):
    find_order(page, "RUNNING1")
    opener = row_of(page, "RUNNING1").locator("[aria-expanded]")
    panel = page.locator(f"#eligibility-{case_of('RUNNING1')}")
    opener.click()
    expect(panel).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    opener.click()
    expect(panel).to_have_count(0)
    expect(opener).to_have_attribute("aria-expanded", "false")


def test_typing_filters_as_one_types_and_keeps_the_address_short(page):
    page.locator("#q").press_sequentially("laufer", delay=20)
    expect(page.locator("tr[data-order-id]")).to_have_count(1)
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#status-filter")).to_have_text("Status: alle")
    page.wait_for_url("**/cases?*q=laufer*")
    assert "amount_min" not in page.url


def test_two_starts_of_two_tabs_are_one_and_the_second_is_told(page):
    find_order(page, "WAITING1")
    other = page.context.new_page()
    other.goto("/cases?q=WAITING1")
    row_of(page, "WAITING1").get_by_role("button", name="Starten").click()
    expect(row_of(page, "WAITING1")).to_have_attribute("data-status", "running")
    row_of(other, "WAITING1").get_by_role("button", name="Starten").click()
    expect(other.locator("#alert")).to_contain_text("Laufend")
    assert count_starts("WAITING1") == 1


def test_the_table_is_worked_through_by_keyboard_alone(page):
    find_order(page, "WAITING1")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(row_of(page, "WAITING1")).to_have_attribute("data-status", "running")
