"""A row of the table asks by itself whether the partner has answered, and stops when there is nothing to wait for."""

import re

import pytest

from dunning.actions.at_partner.wake_handovers import wake_handovers
from dunning.clock import read_now
from dunning.records import transaction
from dunning.sandbox.review import accept_claim
from dunning.sandbox.tables import SandboxClaim
from tests.actions.at_partner.partner_says import cases_at_partner
from tests.builders import a_case, a_user, a_vendor, empty_queue, read_case

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.fixture
def case_id(app) -> int:
    """A case whose claim the partner is reviewing."""
    (found,) = cases_at_partner(last_name="SLOW-Muster")
    return found


def find_row_url(page: str) -> str | None:
    found = re.search(r'hx-get="([^"]*/row\?seen=[^"]*)" hx-trigger="every (\d+)s"', page)
    return found[1] if found else None


def test_a_row_in_review_asks_and_hears_nothing_until_there_is_something(client, case_id) -> None:
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    url = find_row_url(client.get("/cases").text)
    assert client.get(url).status_code == 204
    with transaction() as session:
        accept_claim(session, session.get_one(SandboxClaim, 1))
    wake_handovers(read_now())
    empty_queue()
    answer = client.get(url)
    assert answer.status_code == 200
    assert f'id="case-{case_id}"' in answer.text
    assert 'data-status="handed_over"' in answer.text
    assert 'hx-target="#views"' in answer.text


def test_a_row_that_waits_for_nothing_does_not_ask(client) -> None:
    case_id = a_case("running")
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert find_row_url(client.get("/cases").text) is None


def test_support_reads_rows_as_they_are(client, case_id) -> None:
    client.login_as(a_user("support"))
    assert find_row_url(client.get("/admin/cases").text) is None


def test_another_vendors_row_is_not_found(client, case_id) -> None:
    client.login_as(a_user(vendor_id=a_vendor()))
    assert client.get(f"/cases/{case_id}/row").status_code == 404
    client.login_as(a_user("support"))
    assert client.get(f"/cases/{case_id}/row").status_code == 404
