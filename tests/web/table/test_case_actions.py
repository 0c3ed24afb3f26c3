"""Start, Cancel and Undo by a vendor: what they answer, and that each happens once."""

import threading

import pytest
from sqlalchemy import func, select

from dunning.actions.case.start import start_case
from dunning.records import db, transaction
from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.journal import History
from tests.builders import (
    a_case,
    a_desk,
    a_user,
    a_vendor,
    an_actor,
    order_of,
    read_case,
    read_case_dossier,
    read_history,
)

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
ACTIONS = ("start", "cancel", "undo")

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.fixture
def vendor(client) -> int:
    """A vendor who reviews, logged in."""
    vendor_id = a_vendor(incasso_review=True)
    client.login_as(a_user(vendor_id=vendor_id))
    return vendor_id


@pytest.fixture
def waiting(vendor) -> int:
    """A case that waits for Start and can be started."""
    return a_case("awaiting_approval", vendor_id=vendor)


def count_verbs(case_id: int, verb: str) -> int:
    return [row.verb for row in read_history(case_id)].count(verb)


# --- Without scripts ---


def test_start_runs_the_case_with_the_vendors_consent_and_leads_back_to_its_row(client, waiting):
    answer = client.send(f"/cases/{waiting}/start")
    assert (answer.status_code, answer.location) == (303, f"/cases#case-{waiting}")
    case = read_case(waiting)
    assert (case.status, case.handover_consent, case.scheme) == ("running", "start", 2)
    assert "Mahnlauf gestartet: Anna Muster." in client.get("/cases").text


def test_the_answer_leads_back_to_the_list_as_it_was_filtered(client, waiting):
    came_from = {"Referer": "http://localhost/cases?status=awaiting_approval&open=3&sort=buyer"}
    answer = client.send(f"/cases/{waiting}/start", headers=came_from)
    assert answer.location == f"/cases?status=awaiting_approval&sort=buyer#case-{waiting}"


def test_from_the_cases_own_page_it_leads_back_there(client, waiting):
    answer = client.send(f"/cases/{waiting}/start", headers={"Referer": f"http://localhost/cases/{waiting}"})
    assert answer.location == f"/cases/{waiting}"


@pytest.mark.parametrize(
    "back", ["//evil.example/cases", "https://evil.example/cases", "/settings", "/cases/../x"]
)
def test_it_never_leads_anywhere_else(client, waiting, back):
    answer = client.send(f"/cases/{waiting}/start", {"back": back}, headers={"Referer": back})
    assert answer.location == f"/cases#case-{waiting}"


def test_cancel_before_any_letter_closes_the_case(client, waiting):
    assert client.send(f"/cases/{waiting}/cancel").status_code == 303
    assert read_case(waiting).status == "closed"


def test_cancel_after_a_letter_terminates_it(client):
    vendor_id = a_vendor()
    client.login_as(a_user(vendor_id=vendor_id))
    case_id = a_case("running", vendor_id=vendor_id)
    client.send(f"/cases/{case_id}/cancel")
    assert read_case(case_id).status == "cancelled"


@pytest.mark.parametrize("done", ["start", "cancel"])
def test_undo_puts_it_back_and_then_has_nothing_left_to_undo(client, waiting, done):
    client.send(f"/cases/{waiting}/{done}")
    assert f'action="/cases/{waiting}/undo"' in client.get("/cases").text
    assert client.send(f"/cases/{waiting}/undo").status_code == 303
    assert read_case(waiting).status == "awaiting_approval"
    assert "/undo" not in client.get("/cases").text
    assert client.send(f"/cases/{waiting}/undo").status_code == 409


def test_start_cannot_be_undone_once_its_letter_is_being_made(client, waiting):
    client.send(f"/cases/{waiting}/start")
    with transaction() as session:
        letter = session.scalars(select(Effect).where(Effect.kind == "first_letter")).one()
        letter.attempt = 1
    assert "/undo" not in client.get("/cases").text
    answer = client.send(f"/cases/{waiting}/undo")
    assert answer.status_code == 409
    assert "Jetzt möglich: Abbrechen." in answer.text


def test_what_a_click_sends_waits_so_that_it_can_be_undone(client, waiting):
    client.send(f"/cases/{waiting}/start")
    letter = db.session.scalars(select(Effect).where(Effect.kind == "first_letter")).one()
    assert (letter.not_before - letter.created_at).total_seconds() == 30


# --- Red points ---


@pytest.fixture
def red(vendor) -> int:
    """A case that waits for Start and lacks a house number."""
    return a_case("awaiting_approval", vendor_id=vendor, house_number="")


def test_red_points_are_422_with_the_table_and_the_open_panel(client, red):
    came_from = {"Referer": "http://localhost/cases?status=awaiting_approval"}
    answer = client.send(f"/cases/{red}/start", headers=came_from)
    assert answer.status_code == 422
    assert f'<tr role="row" id="case-{red}"' in answer.text
    assert 'data-check="house_number" data-ok="false"' in answer.text
    assert "Start noch nicht möglich: 1 Angabe zur Anschrift fehlt" in answer.text
    assert "1 Filter löschen" in answer.text


def test_red_points_change_nothing(client, red):
    before = len(read_history(red))
    client.send(f"/cases/{red}/start", {"form_key": "k"})
    assert read_case(red).status == "awaiting_approval"
    assert len(read_history(red)) == before
    client.send(
        f"/cases/{red}/address",
        {"street": "Weg 1", "zipcode": "80804", "city": "München", "country_code": "DE"},
    )
    assert client.send(f"/cases/{red}/start", {"form_key": "k"}).status_code == 303
    assert read_case(red).status == "running"


def test_from_the_cases_own_page_the_panel_is_a_page(client, red):
    answer = client.send(f"/cases/{red}/start", headers={"Referer": f"http://localhost/cases/{red}"})
    assert answer.status_code == 422
    assert f'id="eligibility-{red}"' in answer.text
    assert "<table" not in answer.text


def test_with_scripts_the_row_and_its_panel_come_back_with_422(client, red):
    answer = client.send(f"/cases/{red}/start", headers=FRAGMENT)
    assert answer.status_code == 422
    assert answer.text.lstrip().startswith(f'<tr role="row" id="case-{red}"')
    assert f'<hx-partial hx-target="#slot-{red}"' in answer.text
    assert 'data-ok="false"' in answer.text
    assert "<html" not in answer.text


def test_start_stands_in_the_row_whenever_the_status_allows_it(client, red):
    page = client.get("/cases").text
    assert f'action="/cases/{red}/start"' in page
    assert f'action="/cases/{red}/cancel"' in page


# --- With scripts ---


def test_the_row_is_swapped_with_a_sentence_an_undo_and_new_figures(client, waiting):
    answer = client.send(f"/cases/{waiting}/start", headers=FRAGMENT)
    assert answer.status_code == 200
    row = answer.text[: answer.text.index("</tr>")]
    assert row.lstrip().startswith(f'<tr role="row" id="case-{waiting}"')
    assert 'data-status="running"' in row
    assert f'action="/cases/{waiting}/undo"' in row
    assert '<hx-partial hx-target="#said" hx-swap="innerHTML">Mahnlauf gestartet: Anna Muster.' in answer.text
    assert '<ul class="tiles" id="views"' in answer.text


def test_an_action_weighs_little(client, waiting):
    assert len(client.send(f"/cases/{waiting}/start", headers=FRAGMENT).data) < 6 * 1024


def test_a_refusal_is_said_without_losing_the_row(client, waiting):
    client.send(f"/cases/{waiting}/cancel")
    answer = client.send(f"/cases/{waiting}/start", headers=FRAGMENT)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#alert")
    assert "Geschlossen" in answer.text


# --- Refused ---


def test_a_status_that_does_not_allow_it_is_409_naming_it(client, waiting):
    client.send(f"/cases/{waiting}/start")
    answer = client.send(f"/cases/{waiting}/start")
    assert answer.status_code == 409
    assert "Laufend" in answer.text
    assert count_verbs(waiting, "start") == 1


def test_a_claim_under_review_cannot_be_cancelled(client):
    vendor_id = a_vendor()
    client.login_as(a_user(vendor_id=vendor_id))
    case_id = a_case("running", vendor_id=vendor_id)
    with transaction() as session:
        session.get_one(Case, case_id).claim_in_review = True
    page = client.get("/cases").text
    assert "bei der Prüfung" in page
    assert f'action="/cases/{case_id}/cancel"' not in page
    answer = client.send(f"/cases/{case_id}/cancel")
    assert answer.status_code == 409
    assert "Inkassopartner prüft" in answer.text
    with transaction() as session:
        session.get_one(Case, case_id).claim_in_review = False


@pytest.mark.parametrize("action", ACTIONS)
def test_another_vendors_case_is_the_same_404_as_none(client, waiting, action):
    client.login_as(a_user())
    foreign, missing = client.send(f"/cases/{waiting}/{action}"), client.send(f"/cases/999999/{action}")
    assert foreign.status_code == missing.status_code == 404
    assert read_case(waiting).status == "awaiting_approval"


@pytest.mark.parametrize("action", [*ACTIONS, "address"])
def test_without_a_token_nothing_happens(client, waiting, action):
    assert client.post(f"/cases/{waiting}/{action}").status_code == 400
    assert read_case(waiting).status == "awaiting_approval"


@pytest.mark.parametrize("action", ACTIONS)
def test_staff_do_not_press_the_vendors_buttons(client, waiting, action):
    client.login_as(a_user("support"))
    assert client.send(f"/cases/{waiting}/{action}").status_code == 404


@pytest.mark.parametrize("action", ["cancel", "undo", "address"])
def test_reading_never_acts(client, waiting, action):
    assert client.get(f"/cases/{waiting}/{action}").status_code == 405
    client.get(f"/cases/{waiting}/start")
    assert read_case(waiting).status == "awaiting_approval"


# --- The handover asks first ---


def test_start_of_a_handover_asks_first_and_names_the_price(client):
    vendor_id = a_vendor(handover_threshold=1_000_000_00)
    client.login_as(a_user(vendor_id=vendor_id))
    case_id = a_case("ready_for_handover", vendor_id=vendor_id)
    row = client.get("/cases").text.replace("\N{NO-BREAK SPACE}", " ")
    assert f'<form class="d-inline-block" action="/cases/{case_id}/start">' in row
    assert "Starten …" in row
    asked = client.get(f"/cases/{case_id}/start").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "81,24 €" in asked
    assert order_of(case_id).order_id in asked
    assert read_case(case_id).status == "ready_for_handover"
    client.send(f"/cases/{case_id}/start", {"back": "/cases?sort=buyer"})
    assert read_case(case_id).status == "running"
    assert read_case_dossier(case_id).read_facts().step("handover") is not None


def test_nobody_is_asked_about_a_handover_that_is_not_to_come(client, waiting):
    answer = client.get(f"/cases/{waiting}/start")
    assert answer.status_code == 409
    assert "Warten auf Freigabe" in answer.text


@pytest.mark.parametrize(
    ("status", "order", "asks"),
    [
        ("awaiting_approval", {}, False),
        ("failed", {}, False),
        ("rejected", {}, True),
        ("awaiting_approval", {"payment_method": "paypal", "payment_status": "charged_back"}, True),
    ],
)
def test_start_asks_wherever_it_hands_over_at_once(client, status, order, asks):
    case_id = a_case(status, **order)
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    question = f'action="/cases/{case_id}/start"><button'
    for page in ("/cases", f"/cases/{case_id}"):
        assert (question in client.get(page).text) is asks
    assert client.get(f"/cases/{case_id}/start").status_code == (200 if asks else 409)
    if asks:
        panel = client.get(f"/cases/{case_id}/eligibility").text
        assert question in panel
        assert "Mit Start geht die Forderung ans Inkasso" in panel


def test_nobody_is_asked_about_another_vendors_case(client, waiting):
    client.login_as(a_user())
    assert client.get(f"/cases/{waiting}/start").status_code == 404


# --- Once ---


def test_the_same_form_twice_is_the_first_result(client, waiting):
    first = client.send(f"/cases/{waiting}/start", {"form_key": "once"})
    second = client.send(f"/cases/{waiting}/start", {"form_key": "once"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert count_verbs(waiting, "start") == 1


def test_the_form_of_one_case_says_nothing_about_another(client, vendor, waiting):
    other = a_case("awaiting_approval", vendor_id=vendor, order_date=order_of(waiting).order_date)
    client.send(f"/cases/{waiting}/start", {"form_key": "once"})
    stranger = a_user()
    client.login_as(stranger)
    assert client.send(f"/cases/{other}/start", {"form_key": "once"}).status_code == 404


@pytest.mark.parametrize(
    "keys", [("same", "same"), ("one", "two"), ("", "")], ids=["double click", "two tabs", "no key"]
)
def test_two_starts_at_once_are_one(each_app, keys):
    vendor_id = a_vendor(incasso_review=True)
    case_id = a_case("awaiting_approval", vendor_id=vendor_id)
    browsers = [each_app.test_client() for _ in keys]
    user_id = a_user(vendor_id=vendor_id)
    for browser in browsers:
        browser.login_as(user_id)
    answers = send_at_once(browsers, case_id, keys)
    assert answers == ([303, 303] if keys == ("same", "same") else [303, 409])
    started = select(func.count()).where(History.case_id == case_id, History.verb == "start")
    assert db.session.scalar(started) == 1
    letters = select(func.count()).where(Effect.kind == "first_letter")
    assert db.session.scalar(letters) == 1


def send_at_once(browsers, case_id: int, keys) -> list[int]:
    """The answers to as many Starts at the same moment, each in a thread of its own."""
    tokens = [browser.token() for browser in browsers]
    gate, statuses = threading.Barrier(len(browsers)), []

    def press(browser, token: str, key: str) -> None:
        with browser.application.app_context():
            gate.wait()
            answer = browser.post(f"/cases/{case_id}/start", data={"csrf_token": token, "form_key": key})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=press, args=one) for one in zip(browsers, tokens, keys, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def test_a_verb_of_the_system_in_between_is_told(client, waiting):
    start_case(waiting, an_actor(waiting), a_desk(read_case(waiting).opened_on))
    assert client.send(f"/cases/{waiting}/start").status_code == 409
