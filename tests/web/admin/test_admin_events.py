"""Events of the platform that a person should see: what came, what was made of it, and trying again."""

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.orders.take_events import apply_inbox
from dunning.records import db, transaction
from dunning.records.inbox import InboxEvent
from dunning.records.people import FormKey
from tests.actions.orders.telling import ORDER, arrive, outstanding, tell
from tests.builders import a_desk, a_user, a_vendor, after
from tests.conftest import Browser
from tests.events import read_inbox
from tests.web.world import text_of

pytestmark = pytest.mark.usefixtures("quick_press")
LIST = "/admin/events"


@pytest.fixture
def staff(app: Flask) -> Browser:
    browser = app.test_client()
    browser.login_as(a_user("support", name="Jule Muster"))
    return browser


@pytest.fixture
def vendor_id(staff: Browser) -> int:
    """A vendor of whose orders the platform told in every way that somebody should see."""
    vendor_id = a_vendor(name="Kurs GmbH")
    tell(vendor_id, "pending", product_name="Kurs", due_date="soon")
    tell(vendor_id, "refunded", 3, 30, payment_status="in_review")
    tell(vendor_id, "failed", 4, order_id="R1", rate_number="first", buyer_lastname="<b>Muster</b>")
    tell(vendor_id, "charged_back", 5, order_id="W1")
    tell(vendor_id, "trial", 6, order_id="I1")
    return vendor_id


def shown(browser: Browser, query: str = "") -> str:
    return unescape(text_of(browser.get(LIST + query).text))


def count_badge(browser: Browser) -> str:
    """What the menu says beside its entry."""
    entry = re.search(r'href="/admin/events">(.*?)</a>', browser.get("/admin/vendors").text, re.DOTALL)
    return text_of(entry[1])


def test_only_support_sees_events(app: Flask, staff: Browser, vendor_id: int) -> None:
    row, stranger, vendor = read_inbox()[0], app.test_client(), app.test_client()
    vendor.login_as(a_user(vendor_id=vendor_id))
    for path in (LIST, f"{LIST}/{row.id}"):
        assert (stranger.get(path).status_code, vendor.get(path).status_code) == (303, 404)
        assert staff.get(path).status_code == 200
    assert vendor.send(f"{LIST}/{row.id}", {}).status_code == 404
    assert staff.get(f"{LIST}/{row.id + 99}").status_code == 404


def test_each_event_that_was_not_simply_applied_is_in_one_list_with_its_reason(
    staff: Browser, vendor_id: int
) -> None:
    said = {
        "": (
            "Der payment_status 'in_review' ist unbekannt: Es wurde kein Geld gebucht",
            "rate_number: 'first' is not",
        ),
        "?state=waiting": ("W1", "Der Verkauf ist noch nicht bekannt"),
        "?state=ignored": ("I1", "Eine Probezeit kostet nichts"),
        "?state=odd": (ORDER, "Nicht gelesen: due_date: 'soon' is not a date"),
    }
    for query, texts in said.items():
        page = shown(staff, query)
        assert all(text in page for text in texts), (query, page)
    assert count_badge(staff) == "Ereignisse 2"


def test_the_list_is_searched_by_order_and_kept_to_a_vendor(staff: Browser, vendor_id: int) -> None:
    other = a_vendor(name="Foto KG")
    tell(other, "failed", 4, order_id=f"R1{vendor_id}", rate_number="first")
    assert "R1" in shown(staff, "?q=r1")
    assert "payment.refunded" not in shown(staff, "?q=r1")
    assert "Foto KG" in shown(staff)
    kept = staff.get(f"{LIST}?vendor={vendor_id}").text
    assert "Foto KG" not in kept
    assert re.search(rf'class="chip[^>]*>.*?{vendor_id}', kept, re.DOTALL)
    assert f"{LIST}?vendor={vendor_id}&amp;state=ignored" in kept
    assert shown(staff, f"?q=nothing&vendor={vendor_id}").count("Nichts passt zu dieser Suche") == 1
    for query in ("?vendor=x", "?state=all", "?vendor=-1", f"?vendor={'9' * 30}"):
        assert staff.get(LIST + query).status_code == 400, query


def test_pages_of_a_list_are_kept_to_its_vendor(staff: Browser) -> None:
    vendor_id = a_vendor()
    for number in range(26):
        arrive(vendor_id, "trial", order_id=f"I{number}")
    apply_inbox(a_desk(after(9)))
    first = staff.get(f"{LIST}?state=ignored&per=25&vendor={vendor_id}").text
    assert "1–25 von 26" in text_of(first)
    link = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert f"vendor={vendor_id}" in link
    assert "26–26 von 26" in text_of(staff.get(link).text)


def test_an_empty_list_says_when_something_comes_here(staff: Browser) -> None:
    assert "Kein Ereignis braucht jemanden" in shown(staff)
    assert "Hier ist kein Ereignis" in shown(staff, "?state=odd")


def test_the_body_is_shown_as_it_came_and_escaped(staff: Browser, vendor_id: int) -> None:
    row = next(row for row in read_inbox() if row.order_id == "R1")
    page = staff.get(f"{LIST}/{row.id}").text
    assert "&lt;b&gt;Muster&lt;/b&gt;" in page
    assert "<b>Muster" not in page
    assert "buyer_email" in page
    assert "anna@example.org" in page
    assert row.body["sent"] in unescape(page)
    assert "Ein Feld, an dem Geld hängt, ist nicht lesbar: rate_number" in text_of(page)


def test_what_failed_is_applied_again_once_per_form(staff: Browser, monkeypatch) -> None:
    vendor_id = a_vendor()
    arrive(vendor_id, "pending")
    with monkeypatch.context() as patch:
        patch.setattr("dunning.actions.orders.take_events.apply_picture", lambda *_: 1 / 0)
        assert apply_inbox(a_desk(after(1))) == 1
    assert "Es konnte nicht übernommen werden: ZeroDivisionError" in shown(staff)
    (row,) = read_inbox()
    page = staff.get(f"{LIST}/{row.id}")
    key = page.text.partition('name="form_key" value="')[2].partition('"')[0]
    for _ in range(2):
        assert staff.send(f"{LIST}/{row.id}", {"form_key": key}).status_code == 303
    assert apply_inbox(a_desk(after(1))) == 0
    assert outstanding(1) == 100_00
    staff.send(f"{LIST}/{row.id}", {})
    assert [row.state for row in read_inbox()] == ["applied"]
    assert db.session.scalars(select(FormKey.key)).all().count(key) == 1


def test_what_a_newer_version_can_read_is_read_anew(staff: Browser) -> None:
    """Kept by a version that refused it, under the key of that version."""
    vendor_id = a_vendor()
    arrive(vendor_id, "pending", rate_number="1.0")
    with transaction() as session:
        row = session.scalars(select(InboxEvent)).one()
        event = row.body["event"] | {"unclear": ["rate_number: '1.0'"], "key": "payment.pending:T1"}
        row.body, row.event_key, row.odd = row.body | {"event": event}, "payment.pending:T1", True
    apply_inbox(a_desk(after(1)))
    (row,) = read_inbox()
    assert row.state == "waiting"
    staff.send(f"{LIST}/{row.id}", {})
    assert apply_inbox(a_desk(after(1))) == 0
    (row,) = read_inbox()
    assert (row.state, row.odd, outstanding(1)) == ("applied", False, 100_00)
