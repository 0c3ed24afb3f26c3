"""Each point by itself: where it turns red, what it says with the value seen, and what to do about it."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.course.eligibility import check
from dunning.rules.course.points import Point
from dunning.rules.facts import CaseFacts, Entry, Facts, StepFacts
from tests.rules.course.story import CENTS, POLICY, some_facts

DUE = dt.date(2013, 1, 2)
TODAY = dt.date(2013, 1, 15)


def a_point(key: str, facts: Facts | None = None, on: dt.date = TODAY, **changes) -> Point:
    found = check(facts or some_facts(**changes), POLICY, on)
    return next(point for group in found.groups for point in group.points if point.key == key)


# order ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "trouble", "ok"),
    [
        ("invoice", {}, True),
        ("invoice", {"failed_on": DUE}, False),
        ("invoice", {"charged_back_on": DUE}, False),
        ("sepa", {}, False),
        ("sepa", {"failed_on": DUE}, True),
        ("sepa", {"charged_back_on": DUE}, True),
        *[
            (method, trouble, "charged_back_on" in trouble)
            for method in ("credit_card", "paypal", "sofort")
            for trouble in ({}, {"failed_on": DUE}, {"charged_back_on": DUE})
        ],
        *[("test", trouble, False) for trouble in ({}, {"failed_on": DUE}, {"charged_back_on": DUE})],
        ("barter", {}, False),
    ],
)
def test_the_methods_of_the_policy_table_are_allowed(method, trouble, ok):
    assert a_point("method_allowed", method=method, **trouble).ok is ok


def test_a_method_that_is_only_reminded_says_so():
    point = a_point("method_allowed", method="paypal")
    assert point.detail == "Payment method paypal: reminders only while unpaid"


@pytest.mark.parametrize(
    ("entries", "ok", "detail"),
    [
        ([], True, "100.00 EUR open"),
        ([("payment", -40_05)], True, "59.95 EUR open"),
        ([("payment", -99_99)], True, "0.01 EUR open"),
        ([("payment", -100_00)], False, "Nothing is open"),
        ([("payment", -120_00)], False, "Nothing is open"),
        ([("refund", -30_00)], True, "70.00 EUR open"),
        ([("payment", -100_00), ("chargeback", 100_00)], True, "100.00 EUR open"),
        ([("payment", -100_00), ("fee", 1_00)], False, "Nothing is open"),
    ],
)
def test_the_open_amount_is_the_principal_less_what_was_paid(entries, ok, detail):
    ledger = (Entry("principal", CENTS, DUE), *(Entry(kind, cents, DUE) for kind, cents in entries))
    point = a_point("open_amount", entries=ledger)
    assert (point.ok, point.detail) == (ok, detail)


def test_in_a_case_a_pursued_remainder_is_open_too():
    ledger = (Entry("principal", CENTS, DUE), Entry("payment", -CENTS, DUE), Entry("lump_sum", 40_00, DUE))
    point = a_point("open_amount", entries=ledger, case=CaseFacts(1, "running", DUE))
    assert (point.ok, point.detail) == (True, "40.00 EUR open")


@pytest.mark.parametrize(("cents", "ok"), [(99_99, True), (100_00, False)])
def test_only_a_full_refund_is_red(cents, ok):
    ledger = (Entry("principal", CENTS, DUE), Entry("refund", -cents, DUE))
    assert a_point("not_refunded", entries=ledger).ok is ok


def test_a_payment_with_a_later_value_date_is_not_seen_yet():
    ledger = (Entry("principal", CENTS, DUE), Entry("payment", -CENTS, TODAY + dt.timedelta(days=1)))
    assert a_point("open_amount", entries=ledger).ok
    assert not a_point("open_amount", entries=ledger, on=TODAY + dt.timedelta(days=1)).ok


@pytest.mark.parametrize("changes", [{"test_payment": True}, {"method": "test"}])
def test_both_kinds_of_test_orders_are_known(changes):
    assert a_point("not_test").ok
    assert not a_point("not_test", **changes).ok


@pytest.mark.parametrize(("currency", "ok"), [("EUR", True), ("CHF", False), ("eur", False), ("", False)])
def test_only_euros_are_dunned(currency, ok):
    assert a_point("currency", currency=currency).ok is ok


# deadline ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "ok"), [("2013-01-01", False), ("2013-01-02", False), ("2013-01-03", True)])
def test_the_due_date_has_passed_on_the_day_after_it(on, ok):
    point = a_point("due_date_passed", on=dt.date.fromisoformat(on))
    assert point.ok is ok
    assert point.detail == ("Overdue by 1 day" if ok else "Not overdue before 2013-01-03")


@pytest.mark.parametrize(("on", "ok"), [("2013-01-11", False), ("2013-01-12", True)])
def test_the_dunning_date_is_reached_ten_days_after_the_due_date(on, ok):
    point = a_point("dunning_date_reached", on=dt.date.fromisoformat(on))
    assert (point.ok, point.detail) == (ok, "Dunning date 2013-01-12")


def test_an_open_promise_is_named_with_the_day_dunning_goes_on():
    point = a_point("dunning_date_reached", promised_until=dt.date(2013, 1, 20))
    assert (point.ok, point.detail) == (False, "Payment promised until 2013-01-20, dunning from 2013-01-21")


def test_an_unknown_due_date_is_red_with_a_reason():
    facts = replace(some_facts(), due_date=None)
    for key in ("due_date_known", "due_date_passed", "dunning_date_reached"):
        point = a_point(key, facts)
        assert (point.ok, point.detail) == (False, "The due date is not known yet")


# buyer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "company", "ok"),
    [
        ("Käthe", "Muster", "", True),
        ("", "Muster", "", False),
        ("Käthe", "", "", False),
        ("", "", "Muster AG", True),
        ("", "", "  ", False),
        ("Käthe", "", "Muster AG", True),
    ],
)
def test_a_name_is_first_and_last_name_or_a_company(first, last, company, ok):
    assert a_point("name", first_name=first, last_name=last, company=company).ok is ok


@pytest.mark.parametrize(
    ("street", "number", "ok"),
    [
        ("Lindenstraße", "12", True),
        ("Lindenstraße", "12 a", True),
        ("Lindenstraße 12", "", True),
        ("Lindenstraße 12a", "", True),
        ("Lindenstraße 12 a", "", True),
        ("Lindenstraße 12-14", "", True),
        ("Lindenstraße 12 ", " ", True),
        ("C 4, 5", "", True),
        ("Lindenstraße", "", False),
        ("Lindenstraße", " ", False),
        ("Straße des 17. Juni", "", False),
        ("12", "", True),
        ("", "", False),
    ],
)
def test_a_house_number_may_stand_at_the_end_of_the_street_line(street, number, ok):
    assert a_point("house_number", street=street, house_number=number).ok is ok


@pytest.mark.parametrize(
    ("country", "code", "ok"),
    [
        ("DE", "10115", True),
        ("DE", " 10115 ", True),
        ("DE", "01067", True),
        ("DE", "11011", True),  # not in the list: a warning at most
        ("DE", "1011", False),
        ("DE", "00000", False),
        ("AT", "1010", True),
        ("AT", "0101", False),
        ("AT", "10115", False),
        ("CH", "8001", True),
        ("LI", "9490", True),
        ("LI", "8001", False),
        ("DE", "", False),
    ],
)
def test_a_postcode_has_the_format_of_its_country(country, code, ok):
    point = a_point("zipcode", zipcode=code, country=country)
    assert point.ok is ok
    if code and not ok:
        assert point.detail == f"{code} is not a postcode of {country}"


@pytest.mark.parametrize(
    ("country", "code", "city", "detail"),
    [
        ("DE", "80331", "Hamburg", "80331 belongs to München"),
        ("DE", "11011", "Berlin", "11011 is not in the list of postcodes"),
        ("AT", "1010", "Graz", "1010 belongs to Wien"),
    ],
)
def test_a_postcode_of_another_city_or_of_none_is_a_warning_and_not_red(country, code, city, detail):
    point = a_point("zipcode", zipcode=code, city=city, country=country)
    assert (point.ok, point.detail) == (True, detail)
    assert point.fix.startswith("Please check postcode and city")


@pytest.mark.parametrize(
    ("country", "code", "city"),
    [("DE", "80331", "Muenchen"), ("DE", "80331", ""), ("FR", "67000", "Strasbourg")],
)
def test_a_postcode_that_fits_or_cannot_be_judged_has_no_warning(country, code, city):
    point = a_point("zipcode", zipcode=code, city=city, country=country)
    assert (point.detail, point.fix) == (code, "")


@pytest.mark.parametrize(
    ("country", "ok"), [("DE", True), ("AT", True), ("CH", True), ("LI", True), ("FR", False)]
)
def test_dunning_works_in_the_policys_countries(country, ok):
    assert a_point("country", country=country).ok is ok


def test_an_address_the_server_refused_is_as_bad_as_none():
    point = a_point("email", email_refused=True)
    assert (point.ok, point.blocks, point.detail) == (False, False, "kunde@kunde.example does not work")


# vendor --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "ok"), [(0, False), (1, True), (2, True), (3, True)])
def test_a_scheme_must_be_chosen(scheme, ok):
    point = a_point("scheme_chosen", scheme=scheme)
    assert (point.ok, point.form) == (ok, "" if ok else "settings")


def test_a_running_case_has_the_scheme_it_began_with():
    assert a_point("scheme_chosen", scheme=0, case=CaseFacts(1, "running", DUE, scheme=None)).ok is False
    frozen = replace(some_facts(scheme=0), case=CaseFacts(1, "running", DUE))
    assert not a_point("scheme_chosen", frozen).ok
    assert a_point("scheme_chosen", replace(frozen, case=replace(frozen.case, scheme=2))).ok


def test_the_account_must_be_active():
    assert a_point("vendor_active").ok
    assert not a_point("vendor_active", active=False).ok


# handover ------------------------------------------------------------------------------------------------


def letter(kind: str, state: str = "done", deadline: str = "2013-01-14") -> StepFacts:
    return StepFacts(kind, state, DUE, done_on=DUE, deadline=dt.date.fromisoformat(deadline))


@pytest.mark.parametrize(
    ("steps", "ok", "detail"),
    [
        ((), False, "0 of 2 letters sent"),
        ((letter("first_letter"),), False, "1 of 2 letters sent"),
        ((letter("first_letter"), letter("second_letter", "planned")), False, "1 of 2 letters sent"),
        ((letter("first_letter"), letter("second_letter", "in_doubt")), False, "1 of 2 letters sent"),
        ((letter("first_letter"), letter("second_letter")), True, "2 of 2 letters sent"),
    ],
)
def test_letters_count_when_they_are_out(steps, ok, detail):
    point = a_point("letters_sent", steps=steps)
    assert (point.ok, point.detail) == (ok, detail)


@pytest.mark.parametrize(
    ("deadline", "ok"), [("2013-01-14", True), ("2013-01-15", False), ("2013-01-16", False)]
)
def test_the_second_letters_deadline_has_passed_on_the_day_after_it(deadline, ok):
    assert a_point("deadline_passed", steps=(letter("second_letter", deadline=deadline),)).ok is ok


def test_a_block_is_named_with_its_end():
    blocked = CaseFacts(1, "blocked", DUE, blocked_until=dt.date(2013, 1, 20))
    assert a_point("not_blocked", case=blocked).detail == "Blocked until 2013-01-20"
    assert a_point("not_blocked", case=replace(blocked, blocked_until=None)).detail == "Blocked by support"
    assert a_point("not_blocked").ok


@pytest.mark.parametrize(
    ("on", "ok", "detail"),
    [
        ("2016-07-03", True, "Time-barred after 2016-12-31"),
        ("2016-07-04", True, "Time-barred after 2016-12-31: 180 days left"),
        ("2016-12-30", True, "Time-barred after 2016-12-31: 1 day left"),
        ("2016-12-31", True, "Time-barred after 2016-12-31: 0 days left"),
        ("2017-01-01", False, "Time-barred since the end of 2016-12-31 (§ 195 BGB)"),
    ],
)
def test_a_claim_is_barred_three_years_after_the_end_of_its_year(on, ok, detail):
    point = a_point("not_time_barred", on=dt.date.fromisoformat(on))
    assert (point.ok, point.detail) == (ok, detail)


def test_a_part_payment_gives_a_claim_three_new_years():
    paid = (Entry("principal", 100_00, DUE), Entry("payment", -30_00, dt.date(2016, 3, 10)))
    assert a_point("not_time_barred", entries=paid, on=dt.date(2019, 3, 10)).ok
    assert not a_point("not_time_barred", entries=paid, on=dt.date(2019, 3, 11)).ok


# every point ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        some_facts(),
        some_facts(currency="USD", method="paypal", city="", country="FR", email="x", scheme=0, active=False),
        some_facts(first_name="", zipcode="", disputed=True, test_payment=True, cancelled=True, entries=()),
    ],
)
def test_every_point_says_one_sentence_with_the_value_seen(facts):
    points = [point for group in check(facts, POLICY, TODAY).groups for point in group.points]
    assert len({point.key for point in points}) == len(points)
    assert all(point.detail and "%(" not in point.detail for point in points)
