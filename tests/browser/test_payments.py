"""Support places money in the browser: with one click, with and without scripts; everybody can read the page."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from dunning.actions.money.book_payments import take_payments
from dunning.clock import read_now
from dunning.running import current_settings
from tests.actions.money.test_bank_payments import an_entry
from tests.browser.looks import LANGUAGES, list_flaws
from tests.browser.shop import case_of, find_user
from tests.builders import a_desk, a_payment_row, read_case

LIST = "/admin/payments"


@pytest.fixture
def till(shop: Flask) -> Flask:
    """The shop, with money nobody could place for each reason, and too much on one order."""
    desk = a_desk(current_settings().local_day(read_now()))
    today = desk.today
    entries = [
        an_entry("Danke", 490_00, today, payer_name="LAUFER, ANNA", payer_iban="DE02120300000000202051"),
        an_entry("WAITING1 und WAITING2 " + "Sammelzahlung " * 12, 412_50, today, payer_name="Warter"),
        an_entry("WAITING1", 12_00, today, currency="CHF"),
        an_entry("Rücklastschrift", -100_00, today, return_code="MD06", return_fee_cents=3_50),
        an_entry("READY1", 50_00, today, payer_name="Anna Bereit"),
        an_entry("PAID1", 10_00, today),
    ]
    take_payments([a_payment_row("READY1", 50_00, today)], desk, source="ipn")
    take_payments(entries, desk, source="camt")
    return shop


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_and_no_page_is_too_wide(till, open_page, language) -> None:
    page = open_page(till, find_user("support"))
    page.goto(f"/?lang={language}")
    found = []
    for path in (LIST, f"{LIST}?view=overpaid", f"{LIST}?q=nobody", f"/admin/cases/{case_of('RUNNING1')}"):
        page.goto(path)
        for summary in page.locator("details.more > summary").all():
            summary.click()
        found += list_flaws(page)
    assert found == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_suggestion_is_taken_with_one_click(till, open_page, scripts) -> None:
    page = open_page(till, find_user("support"), java_script_enabled=scripts)
    page.goto(f"{LIST}?q=laufer")
    page.get_by_role("button", name="Zuordnen zu RUNNING1").click()
    expect(page.locator("#main")).to_contain_text("Die Zahlung ist auf Bestellung RUNNING1 gebucht.")
    assert page.url.endswith(f"{LIST}?q=laufer")
    assert read_case(case_of("RUNNING1")).status == "paid"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_wrong_order_id_is_told_where_it_was_typed(till, open_page, scripts) -> None:
    page = open_page(till, find_user("support"), java_script_enabled=scripts)
    page.goto(f"{LIST}?q=sammelzahlung")
    page.get_by_role("textbox", name="Bestell-ID").fill("NOPE1")
    page.get_by_role("button", name="Zuordnen", exact=True).click()
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Die Bestellung ist nicht bekannt")
    expect(page.get_by_role("textbox", name="Bestell-ID")).to_have_value("NOPE1")
    expect(page.get_by_role("textbox", name="Bestell-ID")).to_be_focused()


def test_money_is_booked_on_the_case(till, open_page) -> None:
    page = open_page(till, find_user("support"))
    page.goto(f"/admin/cases/{case_of('RUNNING1')}")
    page.get_by_text("Zahlung buchen").first.click()
    page.get_by_label("Betrag in Euro").fill("490,00")
    page.get_by_label("Wo das Geld gesehen wurde").fill("Kontoauszug")
    page.get_by_role("button", name="Zahlung buchen").click()
    expect(page.locator("#main")).to_contain_text("Die Zahlung ist gebucht.")
    assert read_case(case_of("RUNNING1")).status == "paid"
