"""A hold in the browser: 43 days are refused, 42 work, and it can be renewed once it has ended."""

import datetime as dt

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from dunning.actions.to_partner.hold_case import end_holds, hold_case
from dunning.clock import read_now
from dunning.running import current_settings
from tests.browser.looks import list_flaws
from tests.browser.shop import case_of, find_user
from tests.builders import a_desk, an_actor

MOST = dt.timedelta(42)


def today() -> dt.date:
    return current_settings().local_day(read_now())


def german(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


def ask_for(page: Page, days: str) -> None:
    page.get_by_label("Andere Anzahl Tage").fill(days)
    page.get_by_role("button", name="Pausieren", exact=True).click()


@pytest.mark.parametrize("scripts", [True, False])
def test_43_days_are_refused_and_42_work(shop: Flask, open_page, scripts: bool) -> None:
    case_id = case_of("HANDED1")
    page = open_page(shop, find_user("vendor"), java_script_enabled=scripts)
    page.goto(f"/cases/{case_id}")
    ask_for(page, "43")
    expect(page.locator("section [role=alert]")).to_contain_text("Ein Mahnstopp dauert 1 bis 42 Tage.")
    expect(page.get_by_label("Andere Anzahl Tage")).to_have_value("43")
    ask_for(page, "42")
    end = german(today() + MOST)
    expect(page.locator("#status")).to_contain_text(f"Der Fall ist bis {end} pausiert.")
    expect(page.get_by_text(f"Mahnstopp bis {end}").first).to_be_visible()
    expect(page.get_by_label("Andere Anzahl Tage")).to_have_count(0)


def test_it_is_renewed_from_the_day_after_it_ended(shop: Flask, open_page) -> None:
    case_id = case_of("HANDED1")
    begun = today() - MOST - dt.timedelta(1)
    hold_case(case_id, 42, an_actor(case_id), a_desk(begun, now=read_now()))
    end_holds(a_desk(today(), now=read_now()))
    page = open_page(shop, find_user("vendor"))
    page.goto(f"/cases/{case_id}")
    page.get_by_role("button", name=f"42 Tage, bis {german(today() + MOST)}").click()
    expect(page.locator("#status")).to_contain_text(f"bis {german(today() + MOST)} pausiert")


@pytest.mark.parametrize("who", ["vendor", "support"])
def test_axe_finds_nothing_and_no_page_is_too_wide(shop: Flask, open_page, who: str) -> None:
    page = open_page(shop, find_user(who))
    path = f"/cases/{case_of('HANDED1')}"
    page.goto(path if who == "vendor" else f"/admin{path}")
    assert list_flaws(page) == []
