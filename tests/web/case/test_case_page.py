"""The case page: what is owed, what happened, what comes; and who may see what of it."""

import datetime as dt
import re

import pytest
from sqlalchemy import select

from dunning.actions.case.add_note import add_note
from dunning.actions.case.start import start_case
from dunning.actions.letters.post_letters import mark_undeliverable
from dunning.actions.money.book_payments import take_payments
from dunning.records import db
from dunning.records.cases import Letter
from dunning.rules.money.claim import compute_claim
from dunning.web.request.current import current_desk
from dunning.web.words.claim_lines import explain_costs, list_claim
from tests.actions.at_partner.partner_says import cases_at_partner
from tests.builders import (
    DUE,
    a_case,
    a_desk,
    a_payment_row,
    a_receivable,
    a_user,
    a_vendor,
    after,
    an_actor,
    find_case,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    read_case_dossier,
)
from tests.statements import counted_statements
from tests.web.world import AUTOMATIC, BLOCKED_UNTIL, FOREIGN, part_of, text_of

MOST_STATEMENTS = 13


# --- Access ---


def test_another_vendors_case_is_the_same_404_as_none(world):
    browser = world.vendor(FOREIGN)
    foreign, missing = browser.get(f"/cases/{world.cases['running']}"), browser.get("/cases/999999")
    assert foreign.status_code == missing.status_code == 404
    assert text_of(foreign.text) == text_of(missing.text)


def test_a_stranger_is_asked_to_log_in(client):
    answer = client.get("/cases/1")
    assert answer.status_code == 303
    assert answer.location == "/login?next=/cases/1"


def test_staff_have_a_page_of_their_own_and_not_the_vendors(world):
    assert world.staff().get(f"/cases/{world.cases['running']}").status_code == 404


@pytest.mark.parametrize("path", ["/cases/abc", "/cases/-1", "/cases/0", "/cases/99999999999999999999999"])
def test_an_address_that_is_no_case_is_not_found(world, path):
    assert world.vendor().get(path).status_code == 404


# --- Head ---


def test_the_head_says_who_owes_how_much_for_which_order(world):
    page = text_of(world.show("awaiting_approval"))
    head = "Anna Muster Warten auf Freigabe Bestellung AWAITING_APPROVAL · Onlinekurs Bildbearbeitung"
    assert f"{head} · vom 28.01.2026 · Einmalzahlung · Mahnwesen + Inkasso + Kündigung" in page
    assert "100,00 € von 100,00 €" in page


@pytest.mark.parametrize(("status", "overdue"), [("running", True), ("paid", False), ("cancelled", False)])
def test_only_an_open_case_is_overdue(world, status, overdue):
    assert ("Tage überfällig" in text_of(world.show(status))) is overdue


def test_what_is_open_includes_the_running_interest_of_today(world):
    facts = read_case_dossier(world.cases["running"]).read_facts()
    claim = compute_claim(facts, a_desk().policy, current_desk().today)
    assert claim.running > 0
    page = text_of(world.show("running"))
    assert f"{claim.total // 100},{claim.total % 100:02} € von 100,00 €" in page


def test_a_waiting_case_offers_start_and_cancel_as_real_forms(world):
    page, case_id = world.show("awaiting_approval"), world.cases["awaiting_approval"]
    for verb in ("start", "cancel"):
        form = re.search(
            rf'<form method="post" action="/cases/{case_id}/{verb}">(.*?)</form>', page, re.DOTALL
        )[1]
        assert 'name="csrf_token"' in form
        assert 'name="form_key"' in form
    assert f"/cases/{case_id}/undo" not in page


def test_start_is_offered_while_points_are_red_and_the_head_says_how_many(world):
    page = world.show("failed")
    assert f'action="/cases/{world.cases["failed"]}/start"' in page
    assert "Start noch nicht möglich: 2 Punkte sind rot." in text_of(page)


@pytest.mark.parametrize("status", ["handed_over", "paid", "closed", "cancelled"])
def test_nothing_can_be_started_when_the_status_forbids_it(world, status):
    assert f"/cases/{world.cases[status]}/start" not in world.show(status)


@pytest.mark.parametrize("status", ["handed_over", "paid", "closed"])
def test_nothing_can_be_cancelled_when_the_status_forbids_it(world, status):
    assert f'/cases/{world.cases[status]}/cancel"' not in world.show(status)


def test_the_handover_asks_first_and_names_its_price(world):
    page = world.show("ready_for_handover")
    assert re.search(
        r'<form action="/cases/\d+/start"><button class="btn btn-primary">.*?Starten …', page, re.DOTALL
    )
    assert "danach kostet das Stoppen 81,24 €" in text_of(page)


def test_the_menu_says_where_the_reader_is_on_every_page_of_a_case(world):
    case_id = world.cases["handed_over"]
    refused = world.vendor(AUTOMATIC).send(f"/cases/{case_id}/hold", {"days": "99"})
    assert refused.status_code == 422
    assert '<a href="/cases" aria-current="page">' in refused.text
    sheet = world.staff().get(f"/admin/cases/{case_id}/mahnantrag").text
    assert '<a href="/admin/cases" aria-current="page">' in sheet


def test_a_running_case_whose_letter_came_back_asks_for_the_address_instead_of_saying_all_is_well(client):
    case_id = a_case()
    day = after(11)
    page_of = f"/cases/{case_id}"
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert "Sie müssen nichts tun." in text_of(client.get(page_of).text)
    letter = db.session.scalars(select(Letter).where(Letter.case_id == case_id)).one()
    mark_undeliverable(letter.id, day, an_actor(case_id, "support"), a_desk(day))
    page = text_of(client.get(page_of).text)
    assert "2. Mahnung wartet Rot: Straße, Postleitzahl" in page
    assert "Sie müssen nichts tun." not in page
    assert "Laufend Brief kam zurück: Anschrift korrigieren" in text_of(client.get("/cases").text)


def test_a_chargeback_that_waits_for_the_vendors_start_speaks_of_no_letters(client):
    vendor_id = a_vendor()
    receivable_id = a_receivable(vendor_id, on=after(3), payment_method="sepa", payment_status="charged_back")
    play(after(4))
    case_id = find_case(receivable_id)
    start_case(case_id, an_actor(case_id, "support"), a_desk(after(5)))
    play_until(after(8))
    assert read_case(case_id).status == "ready_for_handover"
    client.login_as(a_user(vendor_id=vendor_id))
    page = text_of(client.get(f"/cases/{case_id}").text)
    assert "Die Zahlung wurde zurückgebucht. Mit „Starten“ geht die Forderung heute ans Inkasso;" in page
    assert "Beide Mahnungen" not in page


def test_a_start_just_made_can_be_undone(client):
    case_id = a_case("awaiting_approval")
    start_case(case_id, an_actor(case_id), current_desk())
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert f'action="/cases/{case_id}/undo"' in client.get(f"/cases/{case_id}").text


def test_a_paused_case_says_until_when_and_why(world):
    page = text_of(world.show("blocked"))
    assert f"Blockiert bis {BLOCKED_UNTIL:%d.%m.%Y} Der Support prüft den Fall." in page


def test_the_page_speaks_english(world):
    browser = world.vendor()
    browser.set_cookie("lang", "en")
    page = text_of(browser.get(f"/cases/{world.cases['awaiting_approval']}").text)
    assert "Anna Muster Waiting for approval" in page
    assert "€100.00 of €100.00" in page
    assert "of 28 Jan 2026" in page


def test_a_rejected_case_says_what_the_partner_said(world):
    page = text_of(world.show("rejected"))
    assert "Vom Inkassopartner abgelehnt" in page
    assert read_case(world.cases["rejected"]).failure_note in page


@pytest.mark.parametrize(
    ("name", "overdue"), [("running", True), ("paid", False), ("cancelled", False), ("closed", False)]
)
def test_only_what_is_not_over_is_overdue(world, name, overdue):
    assert ("Tage überfällig" in text_of(part_of(world.show(name), "title"))) is overdue


# --- Timeline ---


def test_the_timeline_tells_past_today_and_plan_in_order(world):
    part = part_of(world.show("awaiting_approval"), "timeline")
    days = re.findall(r'<time datetime="([^"]+)"', part)
    assert days == sorted(days)
    past, _, plan = part.partition('<li class="today">')
    assert "Fall eröffnet: Warten auf Freigabe" in past
    for step in ("1. Mahnung", "2. Mahnung", "Übergabe ans Inkasso"):
        assert step in plan
        assert step not in past


def test_a_step_is_told_on_the_day_it_was_done(world):
    part = text_of(part_of(world.show("ready_for_handover"), "timeline"))
    assert "12.01.2026 1. Mahnung Frist 19.01.2026" in part
    assert "22.01.2026 2. Mahnung Frist 02.02.2026" in part


def test_skipped_and_lapsed_steps_stay_with_their_reason(world):
    assert "Zahlungserinnerung · übersprungen Keine gültige E-Mail-Adresse" in text_of(world.show("no_mail"))
    assert "1. Anruf · nicht geführt Vom nächsten Schritt überholt" in text_of(world.show("handed_over"))


def test_after_a_rejection_the_handover_waits_for_the_vendor(world):
    plan = text_of(part_of(world.show("rejected"), "timeline")).partition("Heute")[2]
    assert "Wartet auf Ihre Freigabe · Vorher stoppen kostet nichts, danach 81,24 €" in plan
    assert "Von selbst" not in plan


def test_a_claim_being_reviewed_is_not_said_to_be_stoppable(client):
    case_id = a_case("in_review")
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    part = text_of(part_of(client.get(f"/cases/{case_id}").text, "timeline"))
    assert "Übergabe ans Inkasso · in Arbeit Der Inkassopartner prüft die Forderung." in part
    assert "Vorher stoppen" not in part


@pytest.mark.parametrize("status", ["paid", "cancelled", "closed", "handed_over"])
def test_a_case_that_ended_or_is_at_the_partner_plans_nothing(world, status):
    assert 'class="plan"' not in part_of(world.show(status), "timeline")


def test_a_block_moves_the_planned_steps_behind_its_end(world):
    part = part_of(world.show("blocked"), "timeline")
    planned = re.findall(r'<li class="plan"><time datetime="([^"]+)"', part)
    assert planned
    assert min(planned) == (BLOCKED_UNTIL + dt.timedelta(1)).isoformat()


def test_dunning_without_collection_plans_the_termination_instead(client):
    case_id = a_case("awaiting_approval", vendor={"incasso_schema": 1})
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    page = text_of(client.get(f"/cases/{case_id}").text)
    assert "Kündigung der Bestellung" in page
    assert "Übergabe ans Inkasso" not in page
    assert "Inkassokosten" not in page


# --- Claim ---


@pytest.mark.parametrize("name", ["ready_for_handover", "partly_paid", "business", "handed_over", "paid"])
def test_the_lines_of_the_claim_add_up_to_the_total(world, name):
    facts = read_case_dossier(world.cases[name]).read_facts()
    claim = compute_claim(facts, a_desk().policy, dt.date(2026, 8, 1))
    with world.app.test_request_context():
        lines = list_claim(facts, claim)
    assert lines[-1].cents == claim.total
    assert sum(line.cents for line in lines if not line.look) == claim.total


def test_the_interest_is_explained_line_by_line(world):
    facts = read_case_dossier(world.cases["ready_for_handover"]).read_facts()
    with world.app.test_request_context():
        lines = list_claim(facts, compute_claim(facts, a_desk().policy, dt.date(2026, 8, 1)))
    explained = [line for line in lines if line.look == "sub"]
    assert [line.label.partition(" ·")[0] for line in explained] == ["20.01.–30.06.2026", "01.07.–01.08.2026"]
    assert sum(line.cents for line in explained) == next(x.cents for x in lines if "zinsen" in x.label)


def test_the_claim_names_rate_law_and_expected_cost_of_collection(world):
    page = text_of(world.show("ready_for_handover"))
    assert "5 Prozentpunkte, § 288 Abs. 1 BGB" in page
    assert "Mit der Übergabe kämen voraussichtlich 30,90 € bis 55,62 € Inkassokosten hinzu." in page


def test_what_collection_costs_hangs_on_the_principal_the_payments_have_left_as_in_the_letter(client):
    """One euro on day 19 goes to interest first: 500.18 € of principal stay, above the first step of the fees."""
    case_id = a_case(day=19, amount_cents=501_00)
    pay(order_of(case_id).order_id, 1_00, after(19))
    with client.application.test_request_context():
        facts, policy = read_case_dossier(case_id).read_facts(), a_desk().policy
        note = explain_costs(facts, compute_claim(facts, policy, after(20)), policy)
    play_until(after(20))
    letter = db.session.scalars(select(Letter).where(Letter.case_id == case_id, Letter.number == 2)).one()
    assert letter.content["collection_costs"] == [55_80, 100_44]
    assert "55,80 € bis 100,44 €" in " ".join(note.split())


def test_a_business_owes_nine_points(world):
    assert "9 Prozentpunkte, § 288 Abs. 2 BGB" in text_of(world.show("business"))


def test_before_the_first_deadline_there_is_no_interest(world):
    assert "Noch keine Zinsen" in text_of(world.show("awaiting_approval"))


def test_of_a_chargeback_nobody_is_told_to_wait_for_a_letter(client):
    case_id = cases_at_partner()[0]
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    page = text_of(part_of(client.get(f"/cases/{case_id}").text, "claim"))
    assert "Keine Zinsen: Nach einer Rückbuchung setzt kein Mahnschreiben eine Frist" in page


def test_what_the_payer_wrote_stands_in_the_readers_quotation_marks(client):
    case_id = a_case("running")
    row = a_payment_row(order_of(case_id).order_id, 10_00, after(10), reference="Danke <b>")
    take_payments([row], a_desk(after(10)), source="bank")
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert "Zahlung, „Danke &lt;b&gt;“" in client.get(f"/cases/{case_id}").text
    client.set_cookie("lang", "en")
    assert "Payment, “Danke &lt;b&gt;”" in client.get(f"/cases/{case_id}").text


def test_a_payment_says_where_it_went(world):
    page = text_of(world.show("partly_paid"))
    assert re.search(
        r"Zahlung 30,00 € 1,00 € auf Kosten, \d,\d\d € auf Zinsen, 2\d,\d\d € auf die Hauptforderung", page
    )


# --- Letters, points, instalments, history ---


def test_each_letter_links_to_its_pdf_with_date_amount_and_deadline(world):
    part, case_id = part_of(world.show("ready_for_handover"), "letters"), world.cases["ready_for_handover"]
    assert re.findall(r'href="([^"]+\.pdf)" hx-boost="false"', part) == [
        f"/cases/{case_id}/letters/{number}.pdf" for number in (1, 2)
    ]
    assert "1. Mahnung 12.01.2026, 100,00 € Frist 19.01.2026 Per E-Mail:" in text_of(part)


def test_all_points_are_on_the_page_as_the_contract_marks_them(world):
    page, case_id = world.show("failed"), world.cases["failed"]
    panel = page.partition(f'id="eligibility-{case_id}"')[2]
    points = dict(re.findall(r'data-check="(\w+)" data-ok="(true|false)"', panel))
    assert {key for key, ok in points.items() if ok == "false"} == {
        "city", "house_number", "letters_sent", "deadline_passed",
    }  # fmt: skip
    assert "name" in points


def test_the_address_can_be_corrected_right_here_until_the_handover(world):
    page = world.show("failed")
    form = re.search(
        rf'<form[^>]*action="/cases/{world.cases["failed"]}/address".*?</form>', page, re.DOTALL
    )[0]
    for name in (
        "street",
        "house_number",
        "details",
        "zipcode",
        "city",
        "country_code",
        "form_key",
        "csrf_token",
    ):
        assert f'name="{name}"' in form
    for status in ("handed_over", "paid", "closed"):
        assert "/address" not in world.show(status)


def test_the_instalments_of_an_order_are_shown_together(world):
    part = part_of(world.show("rate_1"), "siblings")
    assert f'href="/cases/{world.cases["rate_2"]}"' in part
    assert "kein Fall" in part
    assert "Weitere Raten" not in world.show("running")


def test_the_history_says_who_did_what_and_why(world):
    part = text_of(part_of(world.show("closed"), "history"))
    assert re.search(r"u\d+@example.com Beendet Warten auf Freigabe → Geschlossen", part)
    assert "System Fall eröffnet neu → Warten auf Freigabe Jeder Fall wird vor dem Start geprüft" in part


def test_the_history_names_the_points_a_case_failed_for(world):
    part = text_of(part_of(world.show("failed"), "history"))
    assert "neu → Gescheitert Rot: Hausnummer, Ort" in part


def test_an_incomplete_address_does_not_draw_the_focus_down_the_page(world):
    page = world.show("failed")
    assert re.search(r'<details class="more" open><summary>Anschrift ändern', page)
    assert "autofocus" not in page


def test_a_vendor_never_sees_what_support_notes(client):
    case_id = a_case("awaiting_approval")
    add_note(case_id, "Buyer sounds confused", an_actor(case_id, "support"), a_desk(after(11)))
    add_note(case_id, "Please hurry", an_actor(case_id), a_desk(after(11)))
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    page = client.get(f"/cases/{case_id}").text
    assert "Please hurry" in page
    assert "confused" not in page
    client.login_as(a_user("support"))
    assert "Buyer sounds confused" in client.get(f"/admin/cases/{case_id}").text


def test_a_vendor_sees_that_support_paused_but_neither_who_nor_the_note(world):
    part = text_of(part_of(world.show("blocked"), "history"))
    assert "Support Blockiert Warten auf Freigabe → Blockiert Der Support prüft den Fall" in part
    assert "confused" not in world.show("blocked")
    assert "sounded confused" in world.show("blocked", staff=True)


def test_names_and_products_are_text_never_markup(world):
    for staff in (False, True):
        page = world.show("hostile", staff=staff)
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<b hx-get" not in page


# --- Speed ---


@pytest.mark.parametrize("name", ["ready_for_handover", "rate_1"])
def test_a_page_takes_few_statements(world, name):
    with counted_statements() as seen:
        world.show(name)
    own = [
        statement for statement in seen if "login_sessions" not in statement and "user" not in statement[:40]
    ]
    assert len(own) <= MOST_STATEMENTS, "\n".join(own)


def test_a_long_history_costs_no_more_statements(client):
    case_id = a_case("awaiting_approval")
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    counts = []
    for notes in (1, 15):
        for number in range(notes):
            add_note(case_id, f"note {number}", an_actor(case_id), a_desk(DUE + dt.timedelta(12)))
        with counted_statements() as seen:
            client.get(f"/cases/{case_id}")
        counts.append(len(seen))
    assert counts[0] == counts[1]
