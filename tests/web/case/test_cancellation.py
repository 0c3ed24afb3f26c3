"""Ending a case at the partner in the browser: the vendor asks and sees the price, support decides once."""

import re

import pytest
from sqlalchemy import select, update

from dunning.actions.at_partner.end_mandate import end_mandate
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.to_partner.cancellation import confirm_request
from dunning.records import db, transaction
from dunning.records.partner import CancellationRequest, Mandate
from dunning.records.people import Vendor
from dunning.work import begin_work
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_user,
    a_vendor,
    after,
    an_order_row,
    find_case,
    find_receivable,
    import_rows,
    order_of,
    play,
    read_case,
)
from tests.conftest import Browser
from tests.web.world import part_of, text_of

pytestmark = pytest.mark.usefixtures("quick_press")

LIST = "/admin/requests"
REASON = "Neue Bestellung X7kQ2mN9"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


@pytest.fixture
def vendor(client) -> int:
    """A vendor whose chargebacks go to the partner by themselves, logged in."""
    vendor_id = a_vendor(auto_chargebacks=True)
    client.login_as(a_user(vendor_id=vendor_id))
    return vendor_id


@pytest.fixture
def claim(vendor) -> int:
    """A case the partner has."""
    return a_claim(vendor)


@pytest.fixture
def staff(app) -> Browser:
    """Somebody of support, logged in."""
    browser = app.test_client()
    browser.login_as(a_user("support"))
    return browser


def a_claim(vendor_id: int, **details) -> int:
    receivable_id = a_receivable(vendor_id, **TAKEN_BACK | details)
    play(after(1))
    return find_case(receivable_id)


def path(case_id: int) -> str:
    return f"/cases/{case_id}/cancellation-request"


def read_request(case_id: int) -> CancellationRequest:
    """The newest of the case."""
    db.session.rollback()
    return db.session.scalars(
        select(CancellationRequest)
        .where(CancellationRequest.case_id == case_id)
        .order_by(CancellationRequest.id.desc())
    ).first()


def count_requests() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(CancellationRequest)).all())


def card(client, case_id: int) -> str:
    """What the vendor reads about it on the case's page."""
    return text_of(part_of(client.get(f"/cases/{case_id}").text, "cancellation"))


# --- The vendor asks ---


def test_the_row_leads_to_a_page_that_names_the_price(client, claim):
    table = client.get("/cases").text
    assert f'action="{path(claim)}"' in table
    assert "Kündigen …" in table
    page = client.get(path(claim), headers={"Referer": "http://localhost/cases?sort=buyer"}).text
    assert "81,24 € (brutto)" in text_of(page)
    assert "Zuerst entscheidet der Support." in text_of(page)
    assert 'name="back" value="/cases?sort=buyer"' in page


def test_asked_from_the_table_it_leads_back_to_the_row_which_says_so(client, claim):
    answer = client.send(path(claim), {"reason": REASON, "back": "/cases?sort=buyer"})
    assert (answer.status_code, answer.location) == (303, f"/cases?sort=buyer#case-{claim}")
    assert (read_request(claim).state, read_request(claim).reason) == ("waiting", REASON)
    table = client.get("/cases").text
    assert "Kündigung angefragt" in table
    assert f'action="{path(claim)}"' not in table


def test_the_cases_page_has_the_form_and_then_tells_where_the_request_stands(client, claim):
    assert "81,24 € (brutto)" in card(client, claim)
    answer = client.send(path(claim), {"reason": REASON, "back": f"/cases/{claim}"})
    assert (answer.status_code, answer.location) == (303, f"/cases/{claim}")
    assert "Wartet auf die Entscheidung des Supports" in card(client, claim)
    assert "Kündigung beim Inkassopartner angefragt" in client.get(f"/cases/{claim}").text


@pytest.mark.parametrize("back", ["/cases", "/cases/{}"])
def test_without_a_reason_nothing_is_asked(client, claim, back):
    answer = client.send(path(claim), {"reason": "  ", "back": back.format(claim)})
    assert answer.status_code == 422
    assert "Bitte begründen, zum Beispiel mit der neuen Bestell-ID." in answer.text
    assert 'id="reason"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert count_requests() == 0


def test_a_double_click_asks_once(client, claim):
    form = {"reason": REASON, "form_key": "once", "back": f"/cases/{claim}"}
    answers = [client.send(path(claim), form) for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"/cases/{claim}")] * 2
    assert count_requests() == 1


def test_asked_again_the_answer_is_no(client, claim):
    client.send(path(claim), {"reason": REASON})
    answer = client.send(path(claim), {"reason": "again"})
    assert answer.status_code == 409
    assert "Die Kündigung ist bereits angefragt." in text_of(answer.text)
    assert client.get(path(claim)).status_code == 200
    assert "<textarea" not in client.get(path(claim)).text


def test_in_court_the_page_says_why_not(client, claim):
    with transaction() as session:
        session.execute(update(Mandate).values(legal_stage="judicial_dunning"))
    assert "bei Gericht" in card(client, claim)
    answer = client.send(path(claim), {"reason": REASON})
    assert (answer.status_code, count_requests()) == (409, 0)
    assert "Die Forderung ist bei Gericht" in text_of(answer.text)


def test_a_case_that_never_was_at_the_partner_has_no_such_page(client, vendor):
    case_id = a_case("running", vendor_id=vendor)
    assert client.get(path(case_id)).status_code == 409
    assert client.send(path(case_id), {"reason": REASON}).status_code == 409
    assert 'aria-labelledby="cancellation"' not in client.get(f"/cases/{case_id}").text


@pytest.mark.parametrize("headers", [{}, FRAGMENT])
def test_cancel_of_a_claim_in_review_offers_the_request(client, vendor, headers):
    case_id = a_claim(vendor, last_name="SLOW-Muster")
    answer = client.send(f"/cases/{case_id}/cancel", headers=headers)
    assert answer.status_code == 409
    assert f'href="{path(case_id)}"' in answer.text
    assert f'action="{path(case_id)}"' in client.get("/cases").text
    assert "Lehnt er die Forderung ab, endet der Fall kostenlos." in text_of(client.get(path(case_id)).text)
    assert client.send(path(case_id), {"reason": REASON}).status_code == 303
    assert "Kündigung angefragt" in client.get("/cases").text


def test_strangers_log_in_and_other_vendors_find_nothing(app, client, claim):
    stranger, other = app.test_client(), app.test_client()
    other.login_as(a_user())
    assert (stranger.get(path(claim)).status_code, other.get(path(claim)).status_code) == (303, 404)
    assert stranger.send(path(claim), {"reason": REASON}).status_code == 303
    assert other.send(path(claim), {"reason": REASON}).status_code == 404
    assert other.send(f"/admin{path(claim)}", {"reason": REASON}).status_code == 404
    assert client.post(path(claim), data={"reason": REASON}).status_code == 400
    assert count_requests() == 0


def test_it_all_is_there_in_english_and_what_is_typed_is_shown_as_text(app, claim):
    client = app.test_client()
    client.login_as(a_user(vendor_id=read_case(claim).vendor_id, language="en"))
    assert "this costs you €81.24 (gross)" in text_of(client.get(path(claim)).text)
    client.send(path(claim), {"reason": "<script>alert(1)</script>"})
    staff = app.test_client()
    staff.login_as(a_user("support", language="en"))
    page = staff.get(LIST).text
    assert "Terminations at the partner" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


# --- Support ---


def test_support_enters_the_vendors_written_request(staff, claim):
    answer = staff.send(f"/admin{path(claim)}", {"reason": ""})
    assert answer.status_code == 422
    assert "Bitte hier die schriftliche Anfrage des Vendors zitieren." in answer.text
    answer = staff.send(f"/admin{path(claim)}", {"reason": "Mail vom 9.2.: bitte kündigen"})
    assert (answer.status_code, answer.location) == (303, f"/admin/cases/{claim}")
    assert (read_request(claim).state, read_request(claim).asked_by) == ("sent", "support")


def test_the_list_has_what_waits_on_top_and_the_menu_counts_it(client, staff, vendor):
    rows = [an_order_row(vendor, **TAKEN_BACK) for _ in range(3)]
    import_rows(*rows, on=after(1))
    play(after(1))
    first, second, third = (find_case(find_receivable(row.order_id)) for row in rows)
    for case_id in (first, second, third):
        client.send(path(case_id), {"reason": f"Grund {case_id}"})
    staff.send(f"{LIST}/{read_request(first).id}", {"decision": "approve"})
    page = staff.get(LIST).text
    shown = re.findall(r'id="request-(\d+)"', page)
    assert shown == [str(read_request(case_id).id) for case_id in (second, third, first)]
    assert re.search(r"Kündigungen\s*<span[^>]*>2</span>", page)
    for said in (f"Grund {second}", order_of(second).order_id, "Kurs GmbH", "81,24 €", "59,00 €"):
        assert said in text_of(page)
    assert "An den Inkassopartner weitergegeben" in text_of(page)
    assert staff.get(f"{LIST}?per=1").status_code == 400


def test_approved_and_confirmed_the_case_ends_and_the_fee_is_shown(client, staff, claim):
    client.send(path(claim), {"reason": REASON})
    answer = staff.send(f"{LIST}/{read_request(claim).id}", {"decision": "approve"})
    assert (answer.status_code, answer.location) == (303, LIST)
    assert "An den Inkassopartner weitergegeben" in card(client, claim)
    with begin_work(a_desk(after(40))) as work:
        _, case = open_case_dossier(work.session, claim, None)
        confirm_request(work, case)
    end_mandate(claim, a_desk(after(40)), terminated=True, reason="")
    assert "Vom Inkassopartner bestätigt · Kosten: 81,24 €" in card(client, claim)
    row = re.search(rf'<tr[^>]*id="case-{claim}".*?</tr>', client.get("/cases").text, re.DOTALL)[0]
    assert 'data-status="cancelled"' in row
    assert "81,24" in row
    assert "81,24" in client.get("/cases.csv").text


def test_declined_the_vendor_reads_why_and_can_ask_again(client, staff, claim):
    client.send(path(claim), {"reason": REASON})
    url = f"{LIST}/{read_request(claim).id}"
    answer = staff.send(url, {"decision": "decline", "reason": " "})
    assert answer.status_code == 422
    assert "Bitte begründen: Der Vendor liest es." in answer.text
    assert read_request(claim).state == "waiting"
    assert staff.send(url, {"decision": "decline", "reason": "Käufer nicht erreicht"}).status_code == 303
    assert "Abgelehnt: Käufer nicht erreicht" in card(client, claim)
    assert client.send(path(claim), {"reason": "again"}).status_code == 303


def test_a_second_decision_comes_too_late(client, staff, claim):
    client.send(path(claim), {"reason": REASON})
    url = f"{LIST}/{read_request(claim).id}"
    form = {"decision": "decline", "reason": "Nein", "form_key": "once"}
    assert [staff.send(url, form).status_code for _ in range(2)] == [303, 303]
    for decision in ("approve", "decline"):
        answer = staff.send(url, {"decision": decision, "reason": ""})
        assert answer.status_code == 409
        assert "wartet nicht mehr auf eine Entscheidung" in text_of(answer.text)
    assert read_request(claim).decision_reason == "Nein"


def test_support_notes_that_the_partner_refuses(client, staff, claim):
    client.send(path(claim), {"reason": REASON})
    url = f"{LIST}/{read_request(claim).id}"
    assert staff.send(url, {"decision": "refused", "reason": "Nein"}).status_code == 409
    staff.send(url, {"decision": "approve"})
    assert "Der Partner lehnt ab" in text_of(staff.get(LIST).text)
    answer = staff.send(url, {"decision": "refused", "reason": ""})
    assert answer.status_code == 422
    assert "Bitte begründen: Der Vendor liest es." in answer.text
    assert staff.send(url, {"decision": "refused", "reason": "Ratenplan läuft"}).status_code == 303
    assert "Ratenplan läuft" in card(client, claim)


def test_decisions_nobody_can_make(client, staff, claim):
    client.send(path(claim), {"reason": REASON})
    url = f"{LIST}/{read_request(claim).id}"
    assert staff.send(url, {"decision": "shrug"}).status_code == 400
    assert staff.post(url, data={"decision": "approve"}).status_code == 400
    assert staff.send(f"{LIST}/999999", {"decision": "approve"}).status_code == 404
    assert (client.get(LIST).status_code, client.send(url, {"decision": "approve"}).status_code) == (404, 404)
    assert read_request(claim).state == "waiting"


def test_an_empty_list_says_how_requests_come_here(staff):
    assert "Noch keine Anfrage" in staff.get(LIST).text


def test_a_vip_vendor_reads_that_it_goes_straight_to_the_partner(client, claim):
    with transaction() as session:
        session.get_one(Vendor, read_case(claim).vendor_id).vip = True
    assert "Die Anfrage geht direkt an den Inkassopartner." in text_of(client.get(path(claim)).text)
    client.send(path(claim), {"reason": REASON})
    assert "An den Inkassopartner weitergegeben" in card(client, claim)


def test_the_platforms_own_wish_is_in_the_list_without_a_fee(staff, client, vendor):
    case_id = a_claim(vendor)
    order = order_of(case_id)
    row = an_order_row(vendor, order_id=order.order_id, **TAKEN_BACK | {"payment_status": "cancelled"})
    import_rows(row, on=after(2))
    assert read_request(case_id).asked_by == "system"
    page = text_of(staff.get(LIST).text)
    assert "Die Bestellung wurde storniert" in page
    assert "0,00 €" in page
    assert "System" in page
