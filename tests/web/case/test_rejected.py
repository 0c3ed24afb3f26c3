"""A claim the partner rejected: row and page say why; once it is corrected, Start submits it again."""

import pytest

from dunning.actions.case.start import start_case
from dunning.records import transaction
from dunning.records.cases import Case
from tests.builders import (
    a_case,
    a_desk,
    a_user,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    read_case,
    read_history,
)

pytestmark = pytest.mark.usefixtures("quick_press")

REASON = "The address could not be verified."
ADDRESS = {
    "street": "Neue Gasse",
    "house_number": "7",
    "details": "",
    "zipcode": "50667",
    "city": "Köln",
    "country_code": "DE",
}


@pytest.fixture
def rejected(client) -> int:
    """A case whose claim was rejected; its vendor is logged in."""
    vendor_id = a_vendor()
    client.login_as(a_user(vendor_id=vendor_id))
    return a_case("rejected", vendor_id=vendor_id)


def test_row_and_page_give_the_partners_reasons(client, rejected):
    row, page = client.get("/cases").text, client.get(f"/cases/{rejected}").text
    assert f"Vom Inkassopartner abgelehnt: {REASON}" in row
    assert 'data-status="failed"' in row
    assert REASON in page
    assert "Nach der Korrektur reicht Starten die Forderung neu ein." in page


def test_support_reads_them_too(client, rejected):
    client.login_as(a_user("support"))
    assert REASON in client.get("/admin/cases").text
    assert REASON in client.get(f"/admin/cases/{rejected}").text


def test_the_address_can_be_corrected_and_the_claim_submitted_again(client, rejected):
    assert 'name="house_number"' in client.get(f"/cases/{rejected}").text
    assert client.send(f"/cases/{rejected}/address", ADDRESS).status_code == 303
    assert read_case(rejected).status == "failed"
    assert client.send(f"/cases/{rejected}/start").status_code == 303
    assert (read_case(rejected).status, read_case(rejected).failure_note) == ("running", "")


def test_while_the_new_claim_is_on_its_way_the_old_reasons_are_history(client, rejected):
    start_case(rejected, an_actor(rejected), a_desk(after(40)))
    page = client.get(f"/cases/{rejected}").text
    head, history = page.split("Änderungen", 1)
    assert REASON not in head
    assert REASON in history
    assert "Vom Inkassopartner abgelehnt" in history


def test_rejected_again_it_fails_again_and_both_are_in_the_history(client, rejected):
    start_case(rejected, an_actor(rejected), a_desk(after(40)))
    empty_queue()
    assert read_case(rejected).status == "failed"
    assert [row.verb for row in read_history(rejected)].count("fail") == 2
    assert client.get(f"/cases/{rejected}").text.count(REASON) == 3


def test_a_rejection_without_a_reason_is_said_to_be_one(client, rejected):
    with transaction() as session:
        session.get_one(Case, rejected).failure_note = ""
    page = client.get(f"/cases/{rejected}").text
    assert "Der Partner nennt keinen Grund." in page
    assert "Vom Inkassopartner abgelehnt" in client.get("/cases").text
