"""Support changes a case by its verbs: another status, a pause and its end, a dispute."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from dunning.actions.case.block import REASONS
from dunning.records import db, transaction
from dunning.records.people import FormKey
from dunning.web.request.current import current_desk
from tests.builders import (
    a_case,
    a_user,
    after,
    order_of,
    play,
    read_case,
    read_history,
    read_receivable,
    states_of,
)
from tests.web.world import part_of, text_of

ROUTES = ("status", "block", "unblock", "dispute", "address")
WHY = "the vendor wrote on Monday"

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.fixture
def support(client):
    """A browser of support's."""
    client.login_as(a_user("support"))
    return client


def send(browser, case_id: int, route: str, **form):
    return browser.send(f"/admin/cases/{case_id}/{route}", form)


# --- Status ---


@pytest.mark.parametrize(
    ("life", "target", "end"),
    [
        ("awaiting_approval", "running", "running"),
        ("ready_for_handover", "running", "running"),
        ("awaiting_approval", "closed", "closed"),
        ("running", "cancelled", "cancelled"),
        ("running", "blocked", "blocked"),
        ("blocked", "running", "running"),
        ("closed", "awaiting_approval", "awaiting_approval"),
        ("cancelled", "running", "running"),
    ],
)
def test_a_status_is_changed_by_the_verb_that_leads_there(support, life, target, end):
    case_id = a_case(life)
    reason = "legal" if target == "blocked" else "by telephone"
    answer = send(support, case_id, "status", status=target, reason=reason, request=WHY)
    assert (answer.status_code, answer.location) == (303, f"/admin/cases/{case_id}")
    assert read_case(case_id).status == end
    row = [row for row in read_history(case_id) if row.to_status][-1]
    assert (row.actor, row.to_status) == ("support", end)
    assert "Der Status ist geändert." in text_of(support.get(answer.location).text)


@pytest.mark.parametrize(
    ("life", "target"),
    [
        ("running", "paid"),
        ("running", "ready_for_handover"),
        ("blocked", "failed"),
        ("closed", "running"),
        ("handed_over", "cancelled"),
        ("paid", "running"),
        ("in_review", "cancelled"),
    ],
)
def test_a_status_no_verb_of_supports_leads_to_is_refused(support, life, target):
    case_id = a_case(life)
    status, rows = read_case(case_id).status, len(read_history(case_id))
    answer = send(support, case_id, "status", status=target, reason=WHY, request=WHY)
    assert answer.status_code == 409
    assert (read_case(case_id).status, len(read_history(case_id))) == (status, rows)


def test_what_is_missing_is_named_and_nothing_typed_is_lost(support):
    closed, ready = a_case("closed"), a_case("ready_for_handover")
    for case_id, form, said in (
        (closed, {"status": "awaiting_approval", "request": "typed before"}, "Schreiben Sie auf, warum."),
        (ready, {"status": "running", "reason": "typed before"}, "Ohne schriftlichen Auftrag"),
        (ready, {"status": "sold", "reason": "typed before"}, "Wählen Sie einen Status."),
    ):
        status = read_case(case_id).status
        answer = send(support, case_id, "status", **form)
        assert answer.status_code == 422
        assert said in text_of(answer.text)
        assert "typed before" in answer.text
        assert read_case(case_id).status == status


def test_a_status_of_paused_needs_one_of_the_reasons_there_are(support):
    case_id = a_case("running")
    answer = send(support, case_id, "status", status="blocked", reason="by telephone")
    assert answer.status_code == 422
    assert "Wählen Sie einen Grund." in text_of(answer.text)
    assert read_case(case_id).status == "running"


@pytest.mark.parametrize(
    ("life", "target", "request_", "told"),
    [
        ("running", "cancelled", "", "by telephone"),
        ("awaiting_approval", "closed", "", "by telephone"),
        ("awaiting_approval", "running", "", "by telephone"),
        ("awaiting_approval", "running", WHY, f"{WHY} · by telephone"),
    ],
)
def test_the_reason_support_gives_stands_in_the_history(support, life, target, request_, told):
    case_id = a_case(life)
    send(support, case_id, "status", status=target, reason="by telephone", request=request_)
    page = support.get(f"/admin/cases/{case_id}").text
    assert told in text_of(part_of(page, "history"))


def test_red_points_are_named(support):
    case_id = a_case("failed")
    answer = send(support, case_id, "status", status="running", request=WHY)
    assert answer.status_code == 422
    assert "Rot: Hausnummer" in text_of(answer.text)
    assert read_case(case_id).status == "failed"


def test_handing_over_now_skips_neither_letters_nor_deadlines(support):
    case_id = a_case("running", day=12)
    answer = send(support, case_id, "status", status="handed_over")
    assert answer.status_code == 422
    assert "Rot: Zwei Mahnungen" in text_of(answer.text)
    assert states_of(read_case(case_id).receivable_id).get("handover") is None


def test_handing_over_now_makes_the_step_due_and_leaves_the_status_to_the_partner(support):
    case_id = a_case("running", day=32)
    assert send(support, case_id, "status", status="handed_over", reason=WHY).status_code == 303
    assert (read_case(case_id).status, states_of(read_case(case_id).receivable_id)["handover"]) == (
        "running",
        "planned",
    )
    assert (read_history(case_id)[-1].verb, read_history(case_id)[-1].reason) == ("hand_over", WHY)
    assert send(support, case_id, "status", status="handed_over").status_code == 409
    play(current_desk().today)
    assert read_case(case_id).status == "handed_over"


def test_handing_over_without_consent_leads_to_the_vendor(support):
    case_id = a_case("running", day=32, vendor={"handover_threshold": 1_000_000_00})
    assert send(support, case_id, "status", status="handed_over").status_code == 303
    assert read_case(case_id).status == "ready_for_handover"


# --- Pause ---


@pytest.mark.parametrize("reason", REASONS)
def test_a_case_is_paused_for_every_reason_and_goes_on(support, reason):
    case_id = a_case("running")
    until = current_desk().today + dt.timedelta(5)
    answer = send(support, case_id, "block", reason=reason, until=until.isoformat(), note="internal")
    assert answer.status_code == 303
    case = read_case(case_id)
    assert (case.status, case.blocked_reason, case.blocked_until) == ("blocked", reason, until)
    assert send(support, case_id, "unblock").status_code == 303
    assert read_case(case_id).status == "running"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": "mood"}, "Wählen Sie einen Grund."),
        ({"reason": "legal", "until": "someday"}, "Das ist kein Datum."),
        ({"reason": "legal", "until": "2020-01-01"}, "Dieser Tag ist vorbei."),
    ],
)
def test_a_pause_that_makes_no_sense_is_422_with_what_was_typed(support, form, said):
    case_id = a_case("running")
    answer = send(support, case_id, "block", **form, note="typed before")
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert "typed before" in answer.text
    assert read_case(case_id).status == "running"


def test_a_vendor_never_reads_the_note(support, client):
    case_id = a_case("running")
    send(support, case_id, "block", reason="insolvency", note="heard from a cousin")
    assert "heard from a cousin" in support.get(f"/admin/cases/{case_id}").text
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    page = client.get(f"/cases/{case_id}").text
    assert "heard from a cousin" not in page
    assert "Insolvenz" in page


# --- Dispute ---


def test_a_dispute_pauses_the_case_until_it_is_settled(support):
    case_id = a_case("running")
    assert send(support, case_id, "dispute", text="never arrived").status_code == 303
    assert read_case(case_id).status == "blocked"
    assert send(support, case_id, "unblock").status_code == 409
    assert send(support, case_id, "dispute", text="found", resolved="1").status_code == 303
    assert not read_receivable(read_case(case_id).receivable_id).disputed
    assert send(support, case_id, "unblock").status_code == 303
    assert read_case(case_id).status == "running"
    told = [(row.verb, row.reason) for row in read_history(case_id)]
    assert ("dispute", "never arrived") in told
    assert ("resolve_dispute", "found") in told


def test_the_end_of_a_pause_is_offered_once_the_dispute_is_settled(support):
    case_id = a_case("running")
    send(support, case_id, "dispute", text="never arrived")
    page = support.get(f"/admin/cases/{case_id}").text
    assert '/unblock"' not in page
    assert '<option value="running"' not in page
    assert "sobald der Streit beigelegt ist" in text_of(page)
    assert send(support, case_id, "status", status="running").status_code == 409
    send(support, case_id, "dispute", text="found", resolved="1")
    page = support.get(f"/admin/cases/{case_id}").text
    assert '/unblock"' in page
    assert '<option value="running"' in page


def test_a_dispute_without_a_word_is_422(support):
    case_id = a_case("running")
    assert send(support, case_id, "dispute").status_code == 422
    assert read_case(case_id).status == "running"


# --- Everybody else ---


@pytest.mark.parametrize("route", ROUTES)
def test_vendors_find_no_such_page(client, route):
    case_id = a_case("running")
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert send(client, case_id, route, status="cancelled", reason="legal", text="x").status_code == 404
    assert read_case(case_id).status == "running"


@pytest.mark.parametrize("route", ROUTES)
def test_nothing_happens_without_a_token_or_to_a_case_that_is_not_there(support, route):
    case_id = a_case("running")
    form = {"status": "cancelled", "reason": "legal", "text": "x"}
    assert support.post(f"/admin/cases/{case_id}/{route}", data=form).status_code == 400
    assert send(support, 999_999, route, **form).status_code == 404
    assert read_case(case_id).status == "running"


def test_the_same_form_twice_happens_once(support):
    case_id = a_case("running")
    form = {"status": "cancelled", "reason": WHY, "form_key": "once"}
    assert [send(support, case_id, "status", **form).status_code for _ in range(2)] == [303, 303]
    assert [row.verb for row in read_history(case_id)].count("cancel") == 1


def test_a_form_key_that_is_none_of_ours_counts_as_none(support):
    case_id = a_case("running")
    assert (
        send(support, case_id, "status", status="cancelled", reason=WHY, form_key="x" * 101).status_code
        == 303
    )
    assert db.session.scalar(select(func.count()).select_from(FormKey)) == 0


def test_the_page_offers_what_the_status_allows(support):
    page = support.get(f"/admin/cases/{a_case('running')}").text
    assert '<option value="cancelled"' in page
    assert '<option value="handed_over"' in page
    assert '<option value="paid"' not in page
    assert '/unblock"' not in page
    assert '/unblock"' in support.get(f"/admin/cases/{a_case('blocked')}").text
    over = support.get(f"/admin/cases/{a_case('paid')}").text
    assert 'name="status"' not in over
    assert '/block"' not in over


def test_what_a_reopened_case_lost_is_made_anew(support):
    case_id = a_case("cancelled")
    send(support, case_id, "status", status="running", reason=WHY)
    play(after(20))
    assert states_of(read_case(case_id).receivable_id)["second_letter"] == "done"


# --- Address ---


GOOD = {
    "street": "Musterweg",
    "house_number": "7",
    "details": "",
    "zipcode": "80804",
    "city": "München",
    "country_code": "DE",
}


def test_support_corrects_an_address_after_a_letter_came_back(support):
    case_id = a_case("running")
    with transaction():
        order_of(case_id).buyer.undeliverable_on = after(11)
    page = support.get(f"/admin/cases/{case_id}").text
    assert f'action="/admin/cases/{case_id}/address"' in page
    assert send(support, case_id, "address", **address_of(case_id)).status_code == 422
    answer = send(support, case_id, "address", **GOOD)
    assert (answer.status_code, answer.location) == (303, f"/admin/cases/{case_id}")
    buyer = order_of(case_id).buyer
    assert (buyer.street, buyer.zipcode, buyer.undeliverable_on) == ("Musterweg", "80804", None)
    row = read_history(case_id)[-1]
    assert (row.actor, row.verb) == ("support", "correct_address")
    assert "Die Anschrift ist gespeichert." in text_of(support.get(answer.location).text)


def address_of(case_id: int) -> dict[str, str]:
    """The address as it is, as the form sends it."""
    buyer = order_of(case_id).buyer
    return {name: getattr(buyer, name.removesuffix("_code")) for name in GOOD}


def test_a_wrong_address_is_422_with_what_was_typed(support):
    case_id = a_case("running")
    answer = send(support, case_id, "address", **GOOD | {"zipcode": "8080"})
    assert answer.status_code == 422
    assert "8080 ist keine Postleitzahl in Deutschland" in text_of(answer.text)
    assert 'value="Musterweg"' in answer.text
    assert order_of(case_id).buyer.street != "Musterweg"


@pytest.mark.parametrize("life", ["handed_over", "in_review", "paid", "cancelled"])
def test_the_address_of_a_claim_at_the_partner_or_of_an_ended_case_stays(support, life):
    case_id = a_case(life)
    assert send(support, case_id, "address", **GOOD).status_code == 409
    assert order_of(case_id).buyer.street != "Musterweg"
    assert "/address" not in support.get(f"/admin/cases/{case_id}").text
