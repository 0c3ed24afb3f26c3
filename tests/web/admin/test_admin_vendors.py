"""The vendor's page for support: what it says, VIP, the portal, and who never gets to see it."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.records.people import Vendor
from tests.builders import a_case, a_user, a_vendor, empty_queue, read_case
from tests.conftest import Browser
from tests.statements import counted_statements
from tests.web.world import part_of, text_of

pytestmark = pytest.mark.usefixtures("quick_press")
LIST = "/admin/vendors"


@pytest.fixture
def staff(app: Flask) -> Browser:
    return log_in(app, a_user("support"))


def log_in(app: Flask, user_id: int) -> Browser:
    browser = app.test_client()
    browser.login_as(user_id)
    return browser


def is_vip(vendor_id: int) -> bool:
    db.session.rollback()
    return db.session.get_one(Vendor, vendor_id, populate_existing=True).vip


def resets() -> list[Effect]:
    db.session.rollback()
    return list(db.session.scalars(select(Effect).where(Effect.kind == "portal_reset")))


def changes_of(vendor_id: int) -> list[str]:
    db.session.rollback()
    own = (History.vendor_id == vendor_id, History.case_id.is_(None))
    return list(db.session.scalars(select(History.verb).where(*own).order_by(History.id)))


def form_key_of(page: str) -> str:
    return re.search(r'name="form_key" value="([^"]+)"', page.partition("<main")[2])[1]


def section(page: str, heading: str) -> str:
    return text_of(part_of(page, heading))


# --- Who ---


def test_strangers_log_in_and_vendors_find_nothing(app: Flask) -> None:
    vendor_id = a_vendor()
    stranger, vendor = app.test_client(), log_in(app, a_user(vendor_id=vendor_id))
    for path in (LIST, f"{LIST}/{vendor_id}"):
        assert stranger.get(path).status_code == 303
        assert vendor.get(path).status_code == 404
    for verb in ("vip", "portal-reset"):
        assert stranger.send(f"{LIST}/{vendor_id}/{verb}", {"vip": "1"}).status_code == 303
        assert vendor.send(f"{LIST}/{vendor_id}/{verb}", {"vip": "1"}).status_code == 404
    assert (is_vip(vendor_id), resets()) == (False, [])


def test_without_a_token_nothing_happens(staff: Browser) -> None:
    vendor_id = a_vendor()
    for verb in ("vip", "portal-reset"):
        assert staff.post(f"{LIST}/{vendor_id}/{verb}", data={"vip": "1"}).status_code == 400
    assert (is_vip(vendor_id), resets()) == (False, [])


def test_a_vendor_that_does_not_exist_is_not_found(staff: Browser) -> None:
    assert staff.get(f"{LIST}/1").status_code == 404
    assert staff.send(f"{LIST}/1/vip", {"vip": "1"}).status_code == 404
    assert staff.send(f"{LIST}/1/portal-reset").status_code == 404


# --- What it says ---


def test_settings_logins_and_cases_are_on_the_page(staff: Browser) -> None:
    case_id = a_case("handed_over", vendor={"handover_threshold": 50_00, "remainder": "pursue"})
    vendor_id = read_case(case_id).vendor_id
    a_user(vendor_id=vendor_id, email="anna@vendor.example", name="Anna")
    a_user(vendor_id=vendor_id, email="gone@vendor.example", active=False)
    page = staff.get(f"{LIST}/{vendor_id}").text
    assert "Automatische Übergabe über 50 €" in section(page, "settings")
    assert "Weiterverfolgen" in section(page, "settings")
    assert "Anna · anna@vendor.example" in section(page, "users")
    assert "gone@vendor.example (gesperrt)" in section(page, "users")
    assert "Ans Inkasso übergeben 1 Fall" in section(page, "cases")
    assert f'href="/admin/cases?vendor={vendor_id}&amp;status=handed_over"' in page


def test_a_vendor_that_reviews_is_not_spoken_to_as_you(staff: Browser) -> None:
    vendor_id = a_vendor(incasso_review=True)
    assert "der Vendor prüft jeden Fall" in section(staff.get(f"{LIST}/{vendor_id}").text, "settings")


def test_before_the_first_case_the_portal_has_nothing_to_show(staff: Browser) -> None:
    portal = section(staff.get(f"{LIST}/{a_vendor()}").text, "portal")
    assert "0 Fälle" in portal
    assert "Im Portal gibt es noch nichts zu sehen." in portal
    assert "Noch nicht" in portal


def test_afterwards_when_the_invitation_went_out_and_that_it_arrived(staff: Browser) -> None:
    vendor_id = read_case(a_case("handed_over")).vendor_id
    portal = section(staff.get(f"{LIST}/{vendor_id}").text, "portal")
    assert "1 Fall" in portal
    assert "vom Mailserver angenommen" in portal
    assert "Noch nicht" not in portal


def test_an_invitation_that_was_refused_says_so_and_leads_to_the_outbox(staff: Browser) -> None:
    vendor_id = read_case(a_case("handed_over")).vendor_id
    with transaction() as session:
        effect = session.scalars(select(Effect).where(Effect.kind == "portal_invitation")).one()
        effect.state, effect.last_error = "failed", "550 no such user"
    page = staff.get(f"{LIST}/{vendor_id}").text
    assert "nicht zugestellt: 550 no such user" in section(page, "portal")
    assert f'href="/admin/mail?state=failed&amp;vendor={vendor_id}"' in page


def test_the_page_costs_the_same_however_many_cases_there_are(staff: Browser) -> None:
    vendor_id, other = a_vendor(), a_vendor()
    for _ in range(3):
        a_case("running", vendor_id=vendor_id)
    staff.get(f"{LIST}/{other}")
    with counted_statements() as few:
        staff.get(f"{LIST}/{other}")
    with counted_statements() as many:
        staff.get(f"{LIST}/{vendor_id}")
    assert len(many) == len(few)


def test_a_name_that_is_markup_is_shown_as_it_is(staff: Browser) -> None:
    vendor_id = a_vendor(name="<b hx-get=/x>Kurs</b>")
    for path in (LIST, f"{LIST}/{vendor_id}"):
        assert "<b hx-get" not in staff.get(path).text


def test_case_table_and_case_page_lead_to_the_vendor(staff: Browser) -> None:
    case_id = a_case("running")
    link = f'href="{LIST}/{read_case(case_id).vendor_id}"'
    assert link in staff.get("/admin/cases").text
    assert link in staff.get(f"/admin/cases/{case_id}").text


@pytest.mark.parametrize("typed", ["garten", "{id}", "V{id}@EXAMPLE"])
def test_a_vendor_is_found_by_name_number_or_address(staff: Browser, typed: str) -> None:
    vendor_id = a_vendor(name="Garten Grün")
    a_vendor(name="Foto KG")
    found = text_of(staff.get(LIST, query_string={"q": typed.format(id=vendor_id)}).text)
    assert "Garten Grün" in found
    assert "Foto KG" not in found


def test_a_search_without_hits_offers_all(staff: Browser) -> None:
    a_vendor()
    assert "Nichts passt" in text_of(staff.get(f"{LIST}?q=%25").text)
    assert staff.get(f"{LIST}?q=1&q=2").status_code == 400
    assert staff.get(f"{LIST}?q={'9' * 30}").status_code == 200


def test_in_english(staff: Browser) -> None:
    vendor_id = a_vendor()
    staff.get("/admin/vendors?lang=en")
    assert "Make a VIP" in text_of(staff.get(f"{LIST}/{vendor_id}").text)


# --- What it does ---


def test_vip_is_put_and_ended_and_stands_in_the_history(staff: Browser) -> None:
    vendor_id = a_vendor()
    answer = staff.send(f"{LIST}/{vendor_id}/vip", {"vip": "1"})
    assert (answer.status_code, answer.location) == (303, f"{LIST}/{vendor_id}")
    assert is_vip(vendor_id)
    staff.send(f"{LIST}/{vendor_id}/vip", {"vip": "1"})
    assert changes_of(vendor_id) == ["make_vip"]
    staff.send(f"{LIST}/{vendor_id}/vip", {"vip": "0"})
    assert not is_vip(vendor_id)
    assert changes_of(vendor_id) == ["make_vip", "end_vip"]
    assert "Kein VIP mehr" in section(staff.get(f"{LIST}/{vendor_id}").text, "changes")


def test_the_portals_link_goes_out_once_however_often_it_is_clicked(staff: Browser) -> None:
    vendor_id = a_vendor()
    key = form_key_of(staff.get(f"{LIST}/{vendor_id}").text)
    path = f"{LIST}/{vendor_id}/portal-reset"
    for form_key in (key, key, "another"):
        answer = staff.send(path, {"form_key": form_key})
        assert (answer.status_code, answer.location) == (303, f"{LIST}/{vendor_id}")
    assert "In einer Minute" in text_of(staff.get(f"{LIST}/{vendor_id}").text)
    empty_queue()
    assert [reset.state for reset in resets()] == ["done"]
    assert changes_of(vendor_id) == ["portal_reset"]
    assert "vom Mailserver angenommen" in section(staff.get(f"{LIST}/{vendor_id}").text, "portal")
