"""What a new user does on the first day, in Chromium: once with scripts, once with scripts switched off."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from dunning.clock import read_now
from dunning.running import current_settings
from tests.browser.shop import PEOPLE, case_of, find_user
from tests.builders import PASSWORD, empty_queue, read_case

with_and_without_scripts = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
# after the moment in which a click can be undone
LATER = dt.timedelta(minutes=2)


@pytest.fixture
def page(shop, open_page, scripts):
    """The vendor's table."""
    page = open_page(shop, find_user("vendor"), java_script_enabled=scripts)
    page.goto("/cases")
    return page


def row_of(page: Page, order_id: str):
    return page.locator(f"tr[data-order-id={order_id}]")


def panel_of(page: Page, order_id: str):
    return page.locator(f"#eligibility-{case_of(order_id)}")


def find_order(page: Page, order_id: str) -> None:
    """Only this order is in the table."""
    page.goto(f"/cases?q={order_id}")
    expect(row_of(page, order_id)).to_be_visible()


def shown_orders(page: Page) -> list[str]:
    rows = page.locator("tr[data-order-id]")
    return [row.get_attribute("data-order-id") for row in rows.all()]


def expect_order(page: Page, *order_ids: str) -> None:
    """The table shows these and no others."""
    for order_id in order_ids:
        expect(row_of(page, order_id)).to_be_visible()
    expect(page.locator("tr[data-order-id]")).to_have_count(len(order_ids))
    assert set(shown_orders(page)) == set(order_ids)


def read_aloud(page: Page):
    """What is said of the last click: in the live region, or above the page that came anew."""
    return page.locator("[role=status]", has_text=re.compile(r"\S")).first


@with_and_without_scripts
def test_logging_in_leads_to_the_own_cases(shop, open_page, scripts):
    page = open_page(shop, java_script_enabled=scripts)
    page.goto("/")
    page.fill("#email", PEOPLE["vendor"])
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Anmelden')")
    expect(page.locator("h1")).to_have_text("Fälle")
    expect(page.locator("tr[data-order-id]")).to_have_count(50)
    assert page.url.endswith("/cases")


@with_and_without_scripts
def test_the_table_is_filtered_by_status_text_and_amount_and_shown_whole_again(page, scripts):
    page.click("form#filter summary")
    page.check("#status-failed")
    page.click("form#filter button:has-text('Filtern')")
    expect_order(page, "FAILED1", "REJECTED1")
    page.fill("#q", "rej")
    page.keyboard.press("Enter")
    expect_order(page, "REJECTED1")
    expect(page).to_have_url(re.compile(r"status=failed.*q=rej|q=rej.*status=failed"))
    page.click("text=2 Filter löschen")
    expect(page.locator("tr[data-order-id]")).to_have_count(50)
    page.fill("#amount_min", "1.600,00")
    page.fill("[name=amount_max]", "2000")
    page.click("form#filter button:has-text('Filtern')")
    expect_order(page, "REJECTED1", "REVIEWED1")
    expect(page.locator("#amount_min")).to_have_value(re.compile("1.?600"))


@with_and_without_scripts
def test_a_filter_without_hits_offers_to_begin_anew(page, scripts):
    page.goto("/cases?q=nobody")
    assert shown_orders(page) == []
    page.locator("main").get_by_role("link", name="Filter zurücksetzen").click()
    expect(page.locator("tr[data-order-id]")).to_have_count(50)


@with_and_without_scripts
def test_the_rest_of_the_table_is_on_its_second_page(page, scripts):
    first = set(shown_orders(page))
    page.click("a[rel=next]")
    expect(page.locator("tr[data-order-id]")).to_have_count(4)
    assert not first & set(shown_orders(page))
    page.click("a[rel=prev]")
    expect(page.locator("tr[data-order-id]")).to_have_count(50)


@with_and_without_scripts
def test_a_red_case_is_mended_and_started_and_undone_and_started_again(page, scripts):
    case_id = case_of("FAILED1")
    find_order(page, "FAILED1")
    row_of(page, "FAILED1").locator(f"#status-{case_id}").click()
    panel = panel_of(page, "FAILED1")
    red = panel.locator("li[data-ok=false][data-check=house_number], li[data-ok=false][data-check=zipcode]")
    expect(red).to_have_count(2)

    panel.get_by_label("Hausnummer").fill("12a")
    panel.get_by_label("Postleitzahl").fill("123")
    panel.get_by_label("Ort", exact=True).fill("Musterhausen")
    panel.get_by_role("button", name="Speichern und neu prüfen").click()
    # the form said the same before: the focus tells that this is the answer
    expect(panel.get_by_label("Postleitzahl")).to_be_focused()
    expect(page.locator(f"#zipcode-{case_id}-error")).not_to_be_empty()
    expect(panel.get_by_label("Hausnummer")).to_have_value("12a")
    expect(panel.get_by_label("Ort", exact=True)).to_have_value("Musterhausen")
    assert read_case(case_id).status == "failed"

    panel.get_by_label("Postleitzahl").fill("80804")
    panel.get_by_role("button", name="Speichern und neu prüfen").click()
    expect(read_aloud(page)).to_contain_text("Die Anschrift ist gespeichert")
    expect(panel).to_be_visible()
    expect(panel.locator("li[data-check=zipcode]")).to_have_attribute("data-ok", "true")
    expect(panel.locator("form.addr")).to_have_count(0)

    panel.get_by_role("button", name="Starten").click()
    row = row_of(page, "FAILED1")
    expect(row).to_have_attribute("data-status", "running")
    expect(row).to_contain_text("Laufend")
    expect(row).to_contain_text("Nächster Schritt")
    expect(read_aloud(page)).to_contain_text("Mahnlauf gestartet")

    row.get_by_role("button", name="Rückgängig").click()
    expect(row).to_have_attribute("data-status", "failed")
    expect(read_aloud(page)).to_contain_text("Rückgängig gemacht")
    row.get_by_role("button", name="Starten").click()
    expect(row).to_have_attribute("data-status", "running")

    row.get_by_role("link", name="Anna Rothe").click()
    timeline = page.locator("ol.tl")
    for step in ("1. Mahnung", "2. Mahnung", "Übergabe ans Inkasso"):
        expect(timeline).to_contain_text(step)


@with_and_without_scripts
def test_the_letter_goes_out_and_can_be_downloaded_and_start_is_then_not_undone(page, scripts):
    case_id = case_of("WAITING1")
    find_order(page, "WAITING1")
    row_of(page, "WAITING1").get_by_role("button", name="Starten").click()
    expect(row_of(page, "WAITING1")).to_have_attribute("data-status", "running")
    now = read_now() + LATER
    empty_queue(current_settings().local_day(now), now)
    page.goto(f"/cases/{case_id}")
    link = page.locator("#letters ~ .row a")
    expect(link).to_have_count(1)
    letter = page.request.get(link.get_attribute("href"))
    assert letter.headers["content-type"] == "application/pdf"
    assert letter.body().startswith(b"%PDF-")
    assert b"%%EOF" in letter.body()[-32:]
    expect(page.get_by_role("button", name="Rückgängig")).to_have_count(0)


@with_and_without_scripts
def test_a_running_case_is_cancelled_and_taken_up_again(page, scripts):
    find_order(page, "RUNNING1")
    row = row_of(page, "RUNNING1")
    row.get_by_role("button", name="Abbrechen").click()
    expect(row).to_have_attribute("data-status", "cancelled")
    expect(row).to_contain_text("Gekündigt")
    expect(read_aloud(page)).to_contain_text("Mahnlauf abgebrochen")
    row.get_by_role("button", name="Rückgängig").click()
    expect(row).to_have_attribute("data-status", "running")


@with_and_without_scripts
def test_starting_a_red_case_changes_nothing_and_shows_what_is_red(page, scripts):
    find_order(page, "WAITING2")
    row_of(page, "WAITING2").get_by_role("button", name="Starten").click()
    panel = panel_of(page, "WAITING2")
    expect(panel.locator("li[data-check=house_number]")).to_have_attribute("data-ok", "false")
    expect(panel.get_by_role("button", name="Starten")).to_be_disabled()
    expect(row_of(page, "WAITING2")).to_have_attribute("data-status", "awaiting_approval")
    assert read_case(case_of("WAITING2")).status == "awaiting_approval"
    assert [line for line in page.complaints if "422" in line]


@with_and_without_scripts
def test_a_handover_is_asked_first_and_names_its_price(page, scripts):
    case_id = case_of("READY1")
    find_order(page, "READY1")
    row_of(page, "READY1").get_by_role("button", name="Starten …").click()
    expect(page.locator("h1")).to_have_text("Ans Inkasso übergeben?")
    expect(page.locator("main")).to_contain_text(re.compile(r"kostet[^.]*\d+,\d\d\s€"))
    assert read_case(case_id).status == "ready_for_handover"
    page.get_by_role("link", name="Nicht jetzt").click()
    expect_order(page, "READY1")
    row_of(page, "READY1").get_by_role("button", name="Starten …").click()
    expect(page.locator("h1")).to_have_text("Ans Inkasso übergeben?")
    page.get_by_role("button", name="Starten").click()
    expect(row_of(page, "READY1")).to_have_attribute("data-status", "running")


@with_and_without_scripts
def test_an_order_without_a_case_is_looked_up_and_says_when_it_appears(page, scripts):
    page.click("nav >> text=Nachschlagen")
    page.get_by_label("Bestell-ID", exact=True).fill("YOUNG1")
    page.get_by_role("button", name="Prüfen").click()
    appears = current_settings().local_day(read_now()) + dt.timedelta(6)
    expect(page.locator("main")).to_contain_text(f"{appears:%d.%m.%Y}")
    page.get_by_label("Bestell-ID", exact=True).fill("FOREIGN1")
    page.get_by_role("button", name="Prüfen").click()
    expect(page.locator("main")).not_to_contain_text("Muster")


@with_and_without_scripts
def test_another_language_another_theme_and_after_logout_nothing_is_left(page, scripts):
    find_order(page, "RUNNING1")
    page.goto("/cases")
    page.click("a[hreflang=en]")
    expect(page.locator("h1")).to_have_text("Cases")
    expect(row_of(page, "WAITING1")).to_contain_text("Waiting for approval")
    page.click("a[hreflang=de]")
    expect(page.locator("h1")).to_have_text("Fälle")
    page.click("[data-theme-form] button")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.click("details.menu:has(form[action='/logout']) summary")
    page.click("text=Abmelden")
    expect(page.locator("h1")).to_have_text("Anmelden")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Anmelden")
    assert "Laufer" not in page.content()


@with_and_without_scripts
def test_support_finds_cases_by_order_and_user_and_reads_its_own_status_names(shop, open_page, scripts):
    page = open_page(shop, find_user("support"), java_script_enabled=scripts)
    page.goto("/")
    assert page.url.endswith("/admin/cases")
    expect(page.locator("#banner")).to_contain_text("Support")
    for words, found in (("FOREIGN1", ["FOREIGN1"]), ("79425", ["FOREIGN1"]), ("warter", ["WAITING1"])):
        page.fill("#search", words)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/admin/cases?q={words}")
        expect_order(page, *found)
    page.goto("/admin/cases?q=WAITING1")
    expect(row_of(page, "WAITING1")).to_contain_text("Gesperrt")
    page.goto("/admin/cases?q=HANDED1")
    expect(row_of(page, "HANDED1")).to_contain_text("Ans Inkasso übergeben")
    row_of(page, "HANDED1").get_by_role("link", name="Anna Fort").click()
    expect(page.locator("#banner")).to_contain_text("Kurs GmbH")
    expect(page.locator("main")).to_contain_text("79424")
    assert page.goto("/cases").status == 404
