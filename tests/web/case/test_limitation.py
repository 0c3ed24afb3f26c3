"""A claim that is about to become time-barred says so wherever it is seen."""

import datetime as dt

import pytest

from dunning.rules.money.limitation import add_years
from dunning.web.request.current import current_desk
from tests.builders import a_case, a_user, order_of, pay, read_case
from tests.conftest import Browser
from tests.statements import counted_statements
from tests.web.world import text_of

pytestmark = pytest.mark.usefixtures("quick_press")


def an_old_case(days_left: int, **changes) -> int:
    """A case that becomes time-barred in so many days from now: its last part payment was three years before that."""
    today = current_desk().today
    due = dt.date(today.year - 4, 1, 5)
    case_id = a_case("awaiting_approval", order_date=due, due_date=due, zipcode="", **changes)
    pay(order_of(case_id).order_id, 10_00, add_years(today + dt.timedelta(days_left), -3), booked=today)
    return case_id


def visit(client: Browser, case_id: int) -> Browser:
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    return client


@pytest.mark.parametrize(
    ("days_left", "german", "english"),
    [
        (100, "noch 100 Tage", "100 days left"),
        (1, "noch 1 Tag ", "1 day left"),
        (-1, "Verjährt seit Ablauf des", "Time-barred since the end of"),
    ],
)
def test_row_and_page_warn_in_the_readers_language(client, app, days_left, german, english):
    case_id = an_old_case(days_left)
    browser = visit(client, case_id)
    for words, language in ((german, "de"), (english, "en")):
        assert words in text_of(browser.get(f"/cases?lang={language}", follow_redirects=True).text)
        assert words in text_of(browser.get(f"/cases/{case_id}").text)


def test_a_claim_with_time_left_is_not_warned_of(client, app):
    case_id = an_old_case(181)
    browser = visit(client, case_id)
    assert "Verjährt" not in text_of(browser.get("/cases").text)


def test_the_row_that_answers_a_click_keeps_its_warning(client, app):
    case_id = an_old_case(50)
    browser = visit(client, case_id)
    fragment = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = browser.send(f"/cases/{case_id}/start", headers=fragment)
    assert answer.status_code == 422
    assert "noch 50 Tage" in text_of(answer.text)


def test_the_warnings_of_a_page_take_one_statement_more(client, app):
    first = an_old_case(181)
    vendor_id = read_case(first).vendor_id
    browser = visit(client, first)
    with counted_statements() as without:
        browser.get("/cases")
    for _ in range(3):
        an_old_case(20, vendor_id=vendor_id)
    with counted_statements() as seen:
        assert text_of(browser.get("/cases").text).count("noch 20 Tage") == 3
    assert len(seen) - len(without) <= 1


def test_a_case_that_is_over_is_left_in_peace(client, app):
    due = dt.date(current_desk().today.year - 4, 1, 5)
    case_id = a_case("closed", order_date=due, due_date=due)
    browser = visit(client, case_id)
    assert "Verjährt" not in text_of(browser.get("/cases").text)
    assert "note t-bad" not in browser.get(f"/cases/{case_id}").text
