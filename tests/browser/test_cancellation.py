"""Ending a case at the partner in the browser: readable by everybody, and done without scripts."""

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import func, select

from dunning.actions.to_partner.cancellation import request_cancellation
from dunning.actions.to_partner.decide_request import approve_request, decline_request
from dunning.clock import read_now
from dunning.records import db
from dunning.records.partner import CancellationRequest
from dunning.running import current_settings
from tests.browser.looks import list_flaws
from tests.browser.shop import case_of, find_user
from tests.builders import a_desk, an_actor, read_case

LIST = "/admin/requests"
LONG_REASON = "Die Käuferin hat neu bestellt: " + "Kombinationsbestellungsnummernverzeichnis" * 3


@pytest.fixture
def desk(shop: Flask) -> Flask:
    """The shop, with a request that waits, one that was declined and one that is under way."""
    a_request("LONG1", LONG_REASON)
    support, today = an_actor(case_of("LONG1"), "support"), a_desk(current_settings().local_day(read_now()))
    decline_request(a_request("REVIEWED1", "Doppelt bestellt"), "Der Käufer stimmt nicht zu", support, today)
    approve_request(a_request("REVIEWED1", "Der Käufer stimmt nun doch zu"), support, today)
    return shop


def a_request(order_id: str, reason: str) -> int:
    """The vendor's, today; returns its id."""
    case_id = case_of(order_id)
    request_cancellation(case_id, reason, an_actor(case_id), a_desk(current_settings().local_day(read_now())))
    newest = db.session.scalar(select(func.max(CancellationRequest.id)))
    db.session.rollback()
    return newest


@pytest.mark.parametrize("who", ["vendor", "support"])
def test_axe_finds_nothing_and_no_page_is_too_wide(desk, open_page, who) -> None:
    page = open_page(desk, find_user(who))
    handed, asked = case_of("HANDED1"), case_of("LONG1")
    paths = {
        "vendor": (f"/cases/{handed}/cancellation-request", f"/cases/{asked}", f"/cases/{handed}"),
        "support": (LIST, f"/admin/cases/{handed}"),
    }
    found = []
    for path in paths[who]:
        page.goto(path)
        for summary in page.locator("details.more > summary").all():
            summary.click()
        found += list_flaws(page)
    assert found == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_vendor_asks_from_the_table_and_support_approves(shop, open_page, scripts) -> None:
    case_id = case_of("HANDED1")
    vendor = open_page(shop, find_user("vendor"), java_script_enabled=scripts)
    vendor.goto("/cases?q=HANDED1")
    row = vendor.locator(f"#case-{case_id}")
    row.get_by_role("button", name="Kündigen …").click()
    expect(vendor.get_by_text("81,24 € (brutto)")).to_be_visible()
    vendor.get_by_label("Grund").fill("Neue Bestellung X7kQ2mN9")
    vendor.get_by_role("button", name="Kündigung anfragen").click()
    expect(row).to_contain_text("Kündigung angefragt")
    support = open_page(shop, find_user("support"), java_script_enabled=scripts)
    support.goto(LIST)
    support.get_by_role("button", name="Genehmigen").click()
    expect(support.get_by_text("Die Anfrage ist an den Inkassopartner weitergegeben.")).to_be_visible()
    assert read_case(case_id).status == "handed_over"
