"""Money that needs a person: what support sees, does with one click, and what is refused in words."""

import re

import pytest
from flask import Flask

from dunning.actions.money.book_payments import take_payments
from dunning.records import db
from dunning.rules.incoming import name_transaction
from tests.actions.money.test_bank_payments import an_entry, bank, kinds_of, last_payment
from tests.actions.orders.telling import ORDER, tell
from tests.builders import (
    a_case,
    a_desk,
    a_payment_row,
    a_user,
    a_vendor,
    after,
    an_order,
    find_case,
    find_receivable,
    order_of,
    pay,
    play_until,
    read_case,
    read_history,
)
from tests.conftest import Browser
from tests.statements import counted_statements
from tests.web.world import part_of, text_of

pytestmark = pytest.mark.usefixtures("quick_press")
LIST = "/admin/payments"
RECEIVED_ON = after(11)


@pytest.fixture
def staff(app: Flask) -> Browser:
    browser = app.test_client()
    browser.login_as(a_user("support"))
    return browser


def unmatched(text: str = "Danke", cents: int = 100_00, on=RECEIVED_ON, **changes) -> int:
    bank(an_entry(text, cents, on, **changes))
    return last_payment().id


def possibly_same(order_id: str) -> int:
    take_payments([a_payment_row(order_id, 40_00, after(1))], a_desk(after(1)), source="ipn")
    return unmatched(order_id, 40_00, after(2))


def assign(browser: Browser, payment_id: int, order_id: str = "M6B5zL7i", **fields):
    return browser.send(f"{LIST}/{payment_id}/assign", {"order_id": order_id} | fields)


def form_key_of(page: str) -> str:
    return re.search(r'name="form_key" value="([^"]+)"', page.partition("<main")[2])[1]


# --- Who ---


def test_strangers_log_in_and_vendors_find_nothing(app: Flask) -> None:
    case_id, payment_id = a_case("running"), unmatched()
    stranger, vendor = app.test_client(), app.test_client()
    vendor.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert stranger.get(LIST).status_code == 303
    assert vendor.get(LIST).status_code == 404
    booking = {"amount": "100", "value_date": "2026-01-12", "reason": "x"}
    paths = {
        f"{LIST}/{payment_id}/assign": {"order_id": order_of(case_id).order_id},
        f"{LIST}/{payment_id}/dismiss": {},
        f"/admin/cases/{case_id}/payments": booking,
    }
    for path, data in paths.items():
        assert stranger.send(path, data).status_code == 303
        assert vendor.send(path, data).status_code == 404
    assert read_case(case_id).status == "running"


def test_without_a_token_nothing_is_booked(staff: Browser) -> None:
    case_id, payment_id = a_case("running"), unmatched()
    for path in (
        f"{LIST}/{payment_id}/assign",
        f"{LIST}/{payment_id}/dismiss",
        f"/admin/cases/{case_id}/payments",
    ):
        assert staff.post(path, data={"order_id": "x", "amount": "1", "reason": "x"}).status_code == 400


# --- The list ---


def test_an_empty_list_says_how_payments_come_here(staff: Browser) -> None:
    assert "Jede Zahlung hat ihre Bestellung gefunden" in staff.get(LIST).text
    assert "Niemand hat zu viel bezahlt" in staff.get(f"{LIST}?view=overpaid").text
    assert "Nichts passt zu dieser Suche" in staff.get(f"{LIST}?q=nobody").text


def test_a_payment_is_shown_with_all_the_bank_said(staff: Browser) -> None:
    unmatched("Danke für alles", 1234_56, payer_name="Anna Muster", payer_iban="DE02120300000000202051")
    page = text_of(staff.get(LIST).text)
    for word in ("Anna Muster", "1.234,56 €", "13.01.2026", "DE02120300000000202051", "„Danke für alles“"):
        assert word in page
    assert "Der Text nennt keine Bestellung" in page
    assert "Kontoauszug" in page


@pytest.mark.parametrize(
    ("text", "changes", "said"),
    [
        ("ABCD1 ABCD2", {}, "Der Text nennt mehrere Bestellungen"),
        ("ABCD1", {"currency": "USD"}, "Die Bestellung hat eine andere Währung"),
        ("ABCD1 Rate 9", {}, "Die Bestellung hat keine solche Rate"),
        ("ABCD1", {"cents": -10_00}, "Es gibt keine Gutschrift"),
    ],
)
def test_each_reason_is_told_in_words(staff: Browser, text: str, changes: dict, said: str) -> None:
    an_order(order_id="ABCD1")
    an_order(order_id="ABCD2")
    unmatched(text, **changes)
    assert said in text_of(staff.get(LIST).text)


def test_foreign_money_shows_its_currency(staff: Browser) -> None:
    unmatched(currency="USD")
    assert "100,00 $" in text_of(staff.get(LIST).text)


def test_one_number_with_another_order_or_amount_is_another_payment_and_support_sees_it(
    app: Flask, staff: Browser
) -> None:
    case_id = a_case("running")
    order_id, vendor = order_of(case_id).order_id, app.test_client()
    vendor.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    said = "Gleiche Nummer, andere Zahlung"
    for known, (order, cents) in enumerate([(order_id, 10_00), (order_id, 20_00), ("NONE", 10_00)]):
        assert said not in text_of(staff.get(LIST).text)
        name = name_transaction("T7", order, cents)
        row = a_payment_row(order, cents, after(3), transaction_id="T7", identity=name)
        assert take_payments([row, row], a_desk(after(9)), source="csv").new == 1
        assert text_of(staff.get(f"/admin/cases/{case_id}").text).count(said) == (0, 2, 2)[known]
    assert said in text_of(staff.get(LIST).text)
    assert said not in text_of(vendor.get(f"/cases/{case_id}").text)


def test_a_refund_under_the_number_of_its_sale_is_seen_beside_it(staff: Browser) -> None:
    vendor_id = a_vendor()
    for told, cents in (("pending", 200), ("made", 100), ("refunded", 30)):
        tell(vendor_id, told, 0, cents, transaction_id="T1")
    play_until(after(36))
    page = text_of(staff.get(f"/admin/cases/{find_case(find_receivable(ORDER))}").text)
    assert page.count("Gleiche Nummer, andere Zahlung") == 1


def test_what_a_payer_writes_is_text(staff: Browser) -> None:
    unmatched("<script>alert(1)</script>", payer_name="<b>Anna</b>")
    page = staff.get(LIST).text
    assert "<script>alert" not in page
    assert "&lt;b&gt;Anna" in page


def test_english_is_complete(staff: Browser) -> None:
    unmatched()
    page = text_of(staff.get(f"{LIST}?lang=en", follow_redirects=True).text)
    assert "Not assigned" in page
    assert "The text names no order" in page


def test_the_list_is_searched_and_paged_by_its_address(staff: Browser) -> None:
    for day in range(1, 28):
        unmatched(f"Danke {day}", 1_00 + day, after(day))
    found = staff.get(f"{LIST}?q=Danke+27").text
    assert len(re.findall(r'<li class="card-x"', found)) == 1
    first = staff.get(f"{LIST}?per=25").text
    assert "1–25 von 27" in first
    second = staff.get(re.search(r'href="([^"]*after=[^"]*)"', first)[1].replace("&amp;", "&")).text
    assert "26–27 von 27" in second
    back = re.search(r'href="([^"]*before=[^"]*)"', second)[1].replace("&amp;", "&")
    assert text_of(staff.get(back).text).count("Danke") == 25


@pytest.mark.parametrize("query", ["view=all", "after=forged", "per=7", "q=a&q=b"])
def test_a_parameter_nobody_understands_is_refused(staff: Browser, query: str) -> None:
    assert staff.get(f"{LIST}?{query}").status_code == 400


def test_overpaid_receivables_lead_to_their_case_or_order(staff: Browser) -> None:
    case_id = a_case("paid", order_id="CASE1")
    an_order(order_id="FREE1")
    pay("CASE1", 30_00, after(11))
    pay("FREE1", 120_00, after(11))
    page = staff.get(f"{LIST}?view=overpaid").text
    assert f'href="/admin/cases/{case_id}"' in page
    assert 'href="/admin/eligibility?order_id=FREE1"' in page
    assert "50,00 €" in text_of(page)
    assert "2 Einträge" in page


def test_the_list_takes_few_statements_however_many_rows(staff: Browser) -> None:
    for number in range(30):
        unmatched(f"ABCD{number}", 1_00 + number)
    with counted_statements() as seen:
        assert staff.get(f"{LIST}?per=50").status_code == 200
    assert len(seen) <= 15, "\n".join(seen)


# --- Assigning ---


def test_a_suggestion_says_why_and_is_taken_with_one_click(staff: Browser) -> None:
    case_id = a_case("running", order_id="M6B5zL7i")
    payment_id = unmatched("Danke", payer_name="MUSTER, ANNA")
    page = staff.get(LIST).text
    assert "genau dieser Betrag ist offen, ähnlicher Name" in text_of(page)
    button = re.search(
        rf'action="{LIST}/{payment_id}/assign">.*?name="order_id" value="([^"]+)">', page, re.DOTALL
    )
    answer = assign(staff, payment_id, button[1], form_key=form_key_of(page))
    assert (answer.status_code, answer.location) == (303, LIST)
    assert "auf Bestellung M6B5zL7i gebucht" in text_of(staff.get(LIST).text)
    assert read_case(case_id).status == "paid"


def test_a_suggested_rate_is_assigned_to_that_rate(staff: Browser) -> None:
    order_id = an_order(order_id="M6B5zL7i", rates=2)
    pay(order_id, 40_00, after(1))
    payment_id = unmatched("Danke", 60_00)
    assert 'name="rate" value="1"' in staff.get(LIST).text
    assign(staff, payment_id, order_id, rate="1")
    assert kinds_of(find_receivable(order_id, 1))[-1] == ("payment", -60_00)


def test_the_answer_leads_back_to_the_list_as_it_was(staff: Browser) -> None:
    an_order(order_id="M6B5zL7i")
    back = f"{LIST}?q=Danke&per=25"
    answer = staff.send(
        f"{LIST}/{unmatched()}/assign",
        {"order_id": "M6B5zL7i"},
        headers={"Referer": f"http://localhost{back}"},
    )
    assert answer.location == back


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"order_id": "NOPE1"}, "order_id", "Die Bestellung ist nicht bekannt"),
        ({"order_id": ""}, "order_id", "Die Bestellung ist nicht bekannt"),
        ({"order_id": "M6B5zL7i", "rate": "9"}, "rate", "Die Bestellung hat keine solche Rate"),
        ({"order_id": "M6B5zL7i", "rate": "two"}, "rate", "Eine Rate ist eine Zahl"),
        ({"order_id": "M6B5zL7i", "rate": "-1"}, "rate", "Eine Rate ist eine Zahl"),
    ],
)
def test_what_does_not_fit_comes_back_with_what_was_typed(staff: Browser, typed, field, said) -> None:
    an_order(order_id="M6B5zL7i")
    payment_id = unmatched()
    answer = assign(staff, payment_id, **typed)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert f'href="#{field}-{payment_id}"' in answer.text
    for name, value in typed.items():
        assert re.search(rf'id="{name}-{payment_id}" name="{name}" type="text" value="{value}"', answer.text)
    assert kinds_of(find_receivable("M6B5zL7i")) == []


def test_a_wrong_order_comes_back_from_any_page_of_the_list(staff: Browser) -> None:
    payment_id = unmatched("alpha")
    unmatched("beta")
    answer = staff.send(
        f"{LIST}/{payment_id}/assign",
        {"order_id": "NOPE1"},
        headers={"Referer": f"http://localhost{LIST}?q=beta"},
    )
    assert answer.status_code == 422
    assert f'id="order_id-{payment_id}"' in answer.text


def test_the_second_arrival_of_a_form_is_shown_the_first_result(staff: Browser) -> None:
    an_order(order_id="M6B5zL7i")
    payment_id = unmatched()
    answers = [assign(staff, payment_id, form_key="K1") for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, LIST)] * 2
    assert len(kinds_of(find_receivable("M6B5zL7i"))) == 1


def test_who_comes_second_is_told_so(staff: Browser) -> None:
    an_order(order_id="M6B5zL7i")
    payment_id = unmatched()
    assign(staff, payment_id)
    answer = assign(staff, payment_id)
    assert answer.status_code == 409
    assert "inzwischen jemand bearbeitet" in text_of(answer.text)


def test_a_payment_that_is_none_is_not_found(staff: Browser) -> None:
    assert assign(staff, 999).status_code == 404
    assert staff.send(f"{LIST}/999/dismiss").status_code == 404


def test_the_same_payment_is_kept_and_leaves_the_list(staff: Browser) -> None:
    payment_id = possibly_same(an_order(order_id="M6B5zL7i"))
    page = staff.get(LIST).text
    assert "Vielleicht schon gemeldet" in text_of(page)
    assert f'action="{LIST}/{payment_id}/dismiss"' in page
    answer = staff.send(f"{LIST}/{payment_id}/dismiss", {"reason": "same day"})
    assert answer.status_code == 303
    assert last_payment().unmatched_reason == "duplicate"
    assert "Jede Zahlung hat ihre Bestellung gefunden" in staff.get(LIST).text


def test_only_what_may_be_the_same_has_that_button(staff: Browser) -> None:
    payment_id = unmatched()
    assert "/dismiss" not in staff.get(LIST).text
    assert staff.send(f"{LIST}/{payment_id}/dismiss").status_code == 409


# --- Booking on a case ---

BOOKING = {"amount": "40,00", "value_date": "2026-01-13", "reason": "seen on the account"}


def book(browser: Browser, case_id: int, **fields):
    return browser.send(f"/admin/cases/{case_id}/payments", BOOKING | fields)


@pytest.mark.parametrize("amount", ["100,00", "100.00", "100"])
def test_support_books_money_and_the_case_is_paid(staff: Browser, amount: str) -> None:
    case_id = a_case("running")
    answer = book(staff, case_id, amount=amount)
    assert (answer.status_code, answer.location) == (303, f"/admin/cases/{case_id}")
    assert read_case(case_id).status == "paid"
    page = staff.get(f"/admin/cases/{case_id}").text
    assert "Die Zahlung ist gebucht." in text_of(page)
    assert "Zahlung vom Support gebucht" in text_of(part_of(page, "history"))


def test_the_form_stands_on_support_s_page_only(app: Flask, staff: Browser) -> None:
    case_id = a_case("running")
    vendor = app.test_client()
    vendor.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert f'action="/admin/cases/{case_id}/payments"' in staff.get(f"/admin/cases/{case_id}").text
    assert "Zahlung buchen" not in vendor.get(f"/cases/{case_id}").text


def test_a_vendor_does_not_read_what_support_wrote(app: Flask, staff: Browser) -> None:
    case_id = a_case("running")
    book(staff, case_id)
    vendor = app.test_client()
    vendor.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert "seen on the account" not in vendor.get(f"/cases/{case_id}").text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("amount", "", "Schreiben Sie den Betrag wie"),
        ("amount", "1.234", "Schreiben Sie den Betrag mit Cent"),
        ("amount", "0", "Der Betrag muss größer als null sein"),
        ("amount", "-5", "Der Betrag muss größer als null sein"),
        ("amount", "9" * 30, "Schreiben Sie den Betrag wie"),
        ("value_date", "", "Wählen Sie den Tag"),
        ("value_date", "13.01.2026x", "Wählen Sie den Tag"),
        ("value_date", "2999-01-01", "Dieser Tag ist zu weit weg"),
        ("value_date", "1999-12-31", "Dieser Tag ist zu weit weg"),
        ("reason", " ", "Schreiben Sie, wo das Geld gesehen wurde"),
    ],
)
def test_what_cannot_be_booked_comes_back_with_what_was_typed(staff: Browser, field, typed, said) -> None:
    case_id = a_case("running")
    answer = book(staff, case_id, **{field: typed})
    assert answer.status_code == 422
    section = part_of(answer.text, "payments")
    assert said in text_of(section)
    kept = {name: value for name, value in (BOOKING | {field: typed}).items() if value.strip()}
    for name, value in kept.items():
        assert re.search(rf'id="{name}-payment"[^>]*value="{re.escape(value)}"', section), name
    assert kinds_of(read_case(case_id).receivable_id) == []


def test_one_form_books_once(staff: Browser) -> None:
    case_id = a_case("running")
    for _ in range(2):
        assert book(staff, case_id, form_key="K2").status_code == 303
    assert kinds_of(read_case(case_id).receivable_id) == [("payment", -40_00)]
    assert [line.verb for line in read_history(case_id)].count("book_payment") == 1


def test_a_case_that_is_none_is_not_found(staff: Browser) -> None:
    assert book(staff, 999).status_code == 404
    assert book(staff, 999, amount="").status_code == 404


def test_the_menu_of_support_has_the_page(staff: Browser) -> None:
    page = staff.get(LIST).text
    assert re.search(rf'<a href="{LIST}" aria-current="page">Zahlungen</a>', page)
    db.session.rollback()


# --- Taking back ---


def take_back(browser: Browser, case_id: int, payment_id: int, **fields):
    fields = {"reason": "another buyer's money"} | fields
    return browser.send(f"/admin/cases/{case_id}/payments/{payment_id}/reverse", fields)


def test_support_takes_back_a_payment_booked_in_error(staff: Browser) -> None:
    case_id = a_case("running")
    book(staff, case_id, amount="100,00")
    payment_id = last_payment().id
    path = f"/admin/cases/{case_id}/payments/{payment_id}/reverse"
    assert f'action="{path}"' in staff.get(f"/admin/cases/{case_id}").text
    answer = take_back(staff, case_id, payment_id, form_key="K9")
    assert (answer.status_code, answer.location) == (303, f"/admin/cases/{case_id}")
    assert read_case(case_id).status == "running"
    page = staff.get(answer.location).text
    assert "Die Zahlung ist zurückgenommen." in text_of(page)
    assert "another buyer" in text_of(part_of(page, "history"))
    assert take_back(staff, case_id, payment_id, form_key="K9").location == answer.location
    assert path not in page
    assert take_back(staff, case_id, payment_id).status_code == 404


def test_a_payment_is_taken_back_with_a_reason_and_from_its_own_case_only(staff: Browser) -> None:
    case_id, other = a_case("running"), a_case("running")
    book(staff, case_id, amount="100,00")
    payment_id = last_payment().id
    answer = take_back(staff, case_id, payment_id, reason=" ")
    assert answer.status_code == 422
    assert f'href="#reason-{payment_id}"' in answer.text
    assert "Schreiben Sie auf, warum." in text_of(answer.text)
    assert take_back(staff, other, payment_id).status_code == 404
    assert staff.post(f"/admin/cases/{case_id}/payments/{payment_id}/reverse").status_code == 400
    assert read_case(case_id).status == "paid"


def test_vendors_take_no_payment_back(app: Flask, staff: Browser) -> None:
    case_id = a_case("running")
    book(staff, case_id, amount="100,00")
    vendor = app.test_client()
    vendor.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    assert "/reverse" not in vendor.get(f"/cases/{case_id}").text
    assert take_back(vendor, case_id, last_payment().id).status_code == 404
    assert read_case(case_id).status == "paid"
