"""The eligibility panel: why a case can or cannot be started, and the form that mends it."""

import re

import pytest

from dunning.records import transaction
from dunning.rules.course.eligibility import check
from dunning.web.request.current import current_desk
from tests.builders import (
    a_case,
    a_user,
    a_vendor,
    after,
    order_of,
    play_until,
    read_case,
    read_case_dossier,
    read_history,
)

point_tag = re.compile(r'data-check="(\w+)" data-ok="(true|false)"')
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
GOOD = {
    "street": "Musterweg",
    "house_number": "7",
    "details": "Hinterhaus",
    "zipcode": "80804",
    "city": "München",
    "country_code": "DE",
}


@pytest.fixture
def red(client, quick_press) -> int:
    """A waiting case without a house number and with a postcode of four digits; its vendor is logged in."""
    vendor_id = a_vendor(incasso_review=True)
    client.login_as(a_user(vendor_id=vendor_id))
    return a_case("awaiting_approval", vendor_id=vendor_id, house_number="", zipcode="1024")


def open_panel(client, case_id: int) -> str:
    answer = client.get(f"/cases/{case_id}/eligibility")
    assert answer.status_code == 200
    return answer.text


def read_words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ")


def test_it_shows_every_point_of_the_one_function_that_guards_start(client, red):
    desk = current_desk()
    found = check(read_case_dossier(red).read_facts(), desk.policy, desk.today)
    computed = {
        point.key: "true" if point.ok else "false" for group in found.groups for point in group.points
    }
    shown = point_tag.findall(open_panel(client, red))
    assert dict(shown) == computed
    assert len(shown) == len(computed)


def test_it_is_a_part_of_a_page_named_after_its_case(client, red):
    panel = open_panel(client, red)
    assert panel.count(f'id="eligibility-{red}"') == 1
    assert "<html" not in panel


def test_it_says_what_is_missing_and_what_to_do(client, red):
    words = read_words(open_panel(client, red))
    assert "Start noch nicht möglich: 2 Angaben zur Anschrift fehlen" in words
    assert "Die Hausnummer fehlt" in words
    assert "1024 ist keine Postleitzahl in Deutschland" in words


def test_start_is_shown_but_not_offered_while_points_are_red(client, red):
    panel = open_panel(client, red)
    assert re.search(
        rf'action="/cases/{red}/start".*?<button class="btn btn-primary" disabled>', panel, re.DOTALL
    )


def test_the_address_form_stands_right_there_with_what_is_known(client, red):
    panel = open_panel(client, red)
    assert f'action="/cases/{red}/address"' in panel
    assert 'value="1024"' in panel
    assert 'value="Am Beispielbach"' in panel
    assert '<option value="DE" selected>Deutschland</option>' in panel


def test_a_green_case_has_no_form_but_a_start(client, quick_press):
    vendor_id = a_vendor(incasso_review=True)
    client.login_as(a_user(vendor_id=vendor_id))
    panel = open_panel(client, a_case("awaiting_approval", vendor_id=vendor_id))
    assert "Alles vorhanden: Start ist möglich" in panel
    assert "/address" not in panel
    assert "disabled" not in panel


def test_without_scripts_the_table_opens_it_below_its_row(client, red):
    page = client.get(f"/cases?status=awaiting_approval&open={red}").text
    row, panel = page.index(f'id="case-{red}"'), page.index(f'id="eligibility-{red}"')
    assert row < panel
    assert 'aria-expanded="true"' in page
    assert 'href="/cases?status=awaiting_approval#case-' not in page[:row]
    assert f'open={red}#case-{red}"' in page


def test_a_case_of_another_page_of_the_list_is_shown_above_it(client, red):
    page = client.get(f"/cases?status=paid&open={red}").text
    assert f'id="eligibility-{red}"' in page


def test_saving_the_address_makes_the_points_green_and_start_possible(client, red):
    answer = client.send(f"/cases/{red}/address", GOOD)
    assert (answer.status_code, answer.location) == (303, f"/cases?open={red}#case-{red}")
    buyer = order_of(red).buyer
    assert (buyer.street, buyer.house_number, buyer.zipcode, buyer.details) == (
        "Musterweg",
        "7",
        "80804",
        "Hinterhaus",
    )
    assert read_history(red)[-1].verb == "correct_address"
    panel = open_panel(client, red)
    assert "Alles vorhanden" in panel
    assert client.send(f"/cases/{red}/start").status_code == 303
    assert read_case(red).status == "running"


def test_with_scripts_the_panel_is_checked_again_in_place(client, red):
    answer = client.send(f"/cases/{red}/address", GOOD, headers=FRAGMENT)
    assert answer.status_code == 200
    assert answer.text.index(f'id="eligibility-{red}"') < answer.text.index("<hx-partial")
    assert f'<hx-partial hx-target="#case-{red}"' in answer.text
    assert "Alles vorhanden: Start ist möglich" in answer.text
    assert "disabled" not in answer.text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("street", "", "Die Straße fehlt"),
        ("house_number", " ", "Die Hausnummer fehlt"),
        ("zipcode", "1024", "1024 ist keine Postleitzahl in Deutschland"),
        ("zipcode", "", "Die Postleitzahl fehlt"),
        ("city", "", "Der Ort fehlt"),
        ("country_code", "US", "Vereinigte Staaten"),
        ("country_code", "", "Das Land fehlt"),
        ("street", "x" * 201, "Höchstens 200"),
        ("details", "a\x07b", "Höchstens 200"),
    ],
)
def test_a_wrong_field_is_422_with_what_was_typed(client, red, field, value, message):
    answer = client.send(f"/cases/{red}/address", GOOD | {field: value})
    assert answer.status_code == 422
    assert message in read_words(answer.text)
    assert 'value="Musterweg"' in answer.text or field == "street"
    assert f'id="{field}-{red}-error"' in answer.text
    assert order_of(red).buyer.street == "Am Beispielbach"


def test_a_number_in_the_street_line_is_a_house_number(client, red):
    answer = client.send(f"/cases/{red}/address", GOOD | {"street": "Musterweg 7a", "house_number": ""})
    assert answer.status_code == 303


def test_markup_in_the_address_is_shown_as_text(client, red):
    answer = client.send(f"/cases/{red}/address", GOOD | {"street": '"><script>x</script>', "city": ""})
    assert answer.status_code == 422
    assert "<script>x" not in answer.text


def test_an_ended_case_keeps_its_address(client, red):
    client.send(f"/cases/{red}/cancel")
    answer = client.send(f"/cases/{red}/address", GOOD)
    assert answer.status_code == 409
    assert "Geschlossen" in answer.text
    assert order_of(red).buyer.street == "Am Beispielbach"


def test_the_same_form_twice_is_the_first_result(client, red):
    form = GOOD | {"form_key": "once"}
    first, second = client.send(f"/cases/{red}/address", form), client.send(f"/cases/{red}/address", form)
    assert first.location == second.location
    assert [row.verb for row in read_history(red)].count("correct_address") == 1


def test_nobody_sees_or_mends_another_vendors_case(client, red):
    client.login_as(a_user())
    assert client.get(f"/cases/{red}/eligibility").status_code == 404
    assert client.get(f"/cases?open={red}").status_code == 404
    assert client.send(f"/cases/{red}/address", GOOD).status_code == 404
    assert order_of(red).buyer.street == "Am Beispielbach"


def test_an_address_without_a_token_is_refused(client, red):
    assert client.post(f"/cases/{red}/address", data=GOOD).status_code == 400


def test_staff_see_the_points_in_their_own_area_and_no_button(client, red):
    client.login_as(a_user("support"))
    assert client.get(f"/cases/{red}/eligibility").status_code == 404
    panel = client.get(f"/admin/cases/{red}/eligibility").text
    assert 'data-check="house_number" data-ok="false"' in panel
    assert "<form" not in panel


def test_without_a_dunning_option_the_settings_are_the_way_out(client, quick_press):
    vendor_id = a_vendor(incasso_review=True, incasso_schema=0)
    client.login_as(a_user(vendor_id=vendor_id))
    panel = open_panel(client, a_case("awaiting_approval", vendor_id=vendor_id))
    assert 'data-check="scheme_chosen" data-ok="false"' in panel
    assert 'href="/settings"' in panel


def test_ways_in_that_do_not_apply_are_folded_away(client, red):
    panel = open_panel(client, red)
    ways = re.findall(r"<details class=\"grp\"><summary>(.*?)</summary>", panel, re.DOTALL)
    assert [read_words(way).strip() for way in ways] == [
        "Weg: Einmalkauf trifft zu",
        "Weg: Rate trifft nicht zu",
        "Weg: Rückbuchung trifft nicht zu",
    ]


def test_the_panel_speaks_english_with_english_figures(client, red):
    client.set_cookie("lang", "en")
    words = read_words(open_panel(client, red))
    assert "Start is not possible yet: 2 details of the address are missing" in words
    assert "€100.00 open" in words
    assert "Germany" in words


def test_what_only_the_handover_needs_is_not_red(client, red):
    play_until(read_case(red).opened_on)
    panel = open_panel(client, red)
    later = re.findall(r'<li class="t-off" data-check="(\w+)"', panel)
    assert {"letters_sent", "deadline_passed"} <= set(later)


def test_a_postcode_of_another_city_is_a_warning_that_starts_all_the_same(client, red):
    page = client.send(f"/cases/{red}/address", GOOD | {"zipcode": "20095"}, follow_redirects=True)
    words = read_words(page.text)
    assert "20095 gehört zu Hamburg Warnung Bitte Postleitzahl und Ort prüfen" in words
    assert 'data-check="zipcode" data-ok="true"' in page.text
    assert client.send(f"/cases/{red}/start").status_code == 303


@pytest.mark.usefixtures("quick_press")
def test_a_case_says_that_its_letter_waits_for_an_address(client):
    running = a_case("running")
    client.login_as(a_user(vendor_id=read_case(running).vendor_id))
    assert "2. Mahnung wartet" not in read_words(client.get(f"/cases/{running}").text)
    with transaction():
        order_of(running).buyer.undeliverable_on = after(11)
    page = read_words(client.get(f"/cases/{running}").text)
    assert "2. Mahnung wartet Rot: Straße, Postleitzahl" in page
    assert "Sie müssen nichts tun." not in page
    play_until(after(20))
    assert "Brief kam zurück: Anschrift korrigieren" in read_words(client.get("/cases").text)


def test_a_vendor_corrects_an_address_a_letter_came_back_from(client, red):
    with transaction():
        order_of(red).buyer.undeliverable_on = after(11)
    assert "kam ein Brief zurück" in read_words(open_panel(client, red))
    assert client.send(f"/cases/{red}/address", GOOD).status_code == 303
    assert order_of(red).buyer.undeliverable_on is None
