"""The hold on a case's page: the form, what it refuses, and how long it says it lasts."""

import datetime as dt

import pytest
from sqlalchemy import update

from dunning.actions.run_day import run_day
from dunning.records import transaction
from dunning.records.effects import Effect
from dunning.web.request.current import current_desk
from dunning.web.request.language import COOKIE
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_user,
    a_vendor,
    after,
    empty_queue,
    find_case,
    read_case,
    read_history,
)
from tests.web.world import text_of

TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


@pytest.fixture
def claim(client) -> int:
    """A case at the partner; the browser is its vendor's."""
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK)
    run_day(a_desk(after(1)))
    empty_queue()
    case_id = find_case(receivable_id)
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    return case_id


def days_on(days: int) -> dt.date:
    return current_desk().today + dt.timedelta(days)


def write_day(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


def test_the_form_offers_14_30_and_42_days_with_their_last_days(client, claim):
    page = text_of(client.get(f"/cases/{claim}").text)
    for days in (14, 30, 42):
        assert f"{days} Tage, bis {write_day(days_on(days))}" in page


def test_42_days_are_held_and_shown(client, claim):
    answer = client.send(f"/cases/{claim}/hold", {"days": "42"})
    assert (answer.status_code, answer.location) == (303, f"/cases/{claim}")
    assert read_case(claim).hold_until == days_on(42)
    page = text_of(client.get(answer.location).text)
    assert f"Der Fall ist bis {write_day(days_on(42))} pausiert." in page
    assert f"kann am {write_day(days_on(43))} beginnen" in page
    assert f'action="/cases/{claim}/hold"' not in client.get(f"/cases/{claim}").text


@pytest.mark.parametrize("days", ["43", "0", "-3", "zwei", "", "1e1", "9" * 40, "٣"])
def test_any_other_number_is_422_with_what_was_typed(client, claim, days):
    answer = client.send(f"/cases/{claim}/hold", {"days": days})
    assert answer.status_code == 422
    assert "Ein Mahnstopp dauert 1 bis 42 Tage." in text_of(answer.text)
    assert f'value="{days}"' in answer.text
    assert read_case(claim).hold_until is None


def test_a_running_hold_answers_409_with_its_end(client, claim):
    client.send(f"/cases/{claim}/hold", {"days": "10"})
    answer = client.send(f"/cases/{claim}/hold", {"days": "10"})
    assert answer.status_code == 409
    assert f"bis {write_day(days_on(10))} pausiert" in text_of(answer.text)


def test_the_same_form_twice_holds_once(client, claim):
    form = {"days": "14", "form_key": "once"}
    answers = [client.send(f"/cases/{claim}/hold", form).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert [row.verb for row in read_history(claim)].count("hold") == 1


def test_the_table_says_until_when(client, claim):
    client.send(f"/cases/{claim}/hold", {"days": "1"})
    assert "Mahnstopp bis" in text_of(client.get("/cases").text)


def test_support_sees_in_the_outbox_that_the_partner_could_not_be_told(client, claim):
    client.send(f"/cases/{claim}/hold", {"days": "14"})
    with transaction() as session:
        told = {"state": "failed", "last_error": "PARTNER_CONTACT is not set"}
        session.execute(update(Effect).where(Effect.kind == "partner_hold").values(**told))
    client.login_as(a_user("support"))
    page = text_of(client.get("/admin/mail?state=failed").text)
    assert "An den Partner: Mahnstopp" in page
    assert "PARTNER_CONTACT is not set" in page
    assert "anna@example.org" not in page


def test_strangers_and_missing_tokens_change_nothing(client, claim):
    assert client.post(f"/cases/{claim}/hold", data={"days": "14"}).status_code == 400
    assert client.send(f"/admin/cases/{claim}/hold", {"days": "14", "request": "x"}).status_code == 404
    client.login_as(a_user())
    assert client.send(f"/cases/{claim}/hold", {"days": "14"}).status_code == 404
    assert client.send(f"/cases/{claim}/hold", {"days": "43"}).status_code == 404
    assert client.send("/cases/999999/hold", {"days": "14"}).status_code == 404
    assert read_case(claim).hold_until is None


@pytest.mark.usefixtures("quick_press")
@pytest.mark.parametrize("days", ["14", "43"])
def test_before_the_handover_there_is_no_hold(client, days):
    case_id = a_case("running")
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert "Mahnstopp" not in client.get(f"/cases/{case_id}").text
    assert client.send(f"/cases/{case_id}/hold", {"days": days}).status_code == 409


def test_support_needs_the_written_request_and_loses_nothing_typed(client, claim):
    client.login_as(a_user("support"))
    for form in ({"days": "30"}, {"days": "43", "request": "typed before"}):
        answer = client.send(f"/admin/cases/{claim}/hold", form)
        assert answer.status_code == 422
        assert all(f in answer.text for f in form.values())
    answer = client.send(f"/admin/cases/{claim}/hold", {"days": "30", "request": "Bitte warten"})
    assert (answer.status_code, answer.location) == (303, f"/admin/cases/{claim}")
    row = read_history(claim)[-1]
    assert (row.actor, row.reason) == ("support", "Bitte warten")
    page = text_of(client.get(answer.location).text)
    assert f"Mahnstopp bis {write_day(days_on(30))}" in page
    assert "Bitte warten" in page


def test_the_vendor_reads_it_in_english(client, claim):
    client.set_cookie(COOKIE, "en")
    page = text_of(client.get(f"/cases/{claim}").text)
    assert "42 days, until " in page
    assert "Put on hold" in page
