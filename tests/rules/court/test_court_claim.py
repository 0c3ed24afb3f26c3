"""The Mahnantrag's fields, to the cent: vectors of the law facts, side claims, what is missing."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.court.application import (
    CourtClaim,
    CourtInterest,
    SideClaim,
    may_show,
    prepare_application,
)
from dunning.rules.facts import CaseFacts, Entry, Facts, StepFacts
from dunning.rules.policy import load_policy
from tests.rules.course.story import POLICY, some_facts

DUE = dt.date(2026, 1, 2)
TODAY = dt.date(2026, 11, 22)
HANDED_OVER = dt.date(2026, 2, 17)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def some_case(*entries: Entry, cents: int = 1_000_00, start: str = "2026-02-01", **changes) -> Facts:
    """Both letters are out, the claim has been handed over; interest from `start`."""
    letter = dt.date(2026, 1, 12)
    steps = (
        StepFacts("first_letter", "done", letter, done_on=letter, deadline=day(start) - dt.timedelta(1)),
        StepFacts("second_letter", "done", letter, done_on=day("2026-02-02"), deadline=day("2026-02-12")),
        StepFacts("handover", "done", HANDED_OVER, done_on=HANDED_OVER),
    )
    case = CaseFacts(1, "handed_over", letter, "automatic", 3)
    own = (Entry("principal", cents, DUE), *entries)
    given = {"steps": steps, "case": case, "entries": own, "scheme": 3}
    return some_facts(DUE, cents, **given | changes)


def apply(facts: Facts, on: dt.date = TODAY, override: str | None = None) -> CourtClaim:
    return prepare_application(facts, load_policy(override) if override else POLICY, on)


def fee(cents: int, on: str = "2026-02-02", kind: str = "fee") -> Entry:
    return Entry(kind, cents, day(on))


def payment(cents: int, on: str) -> Entry:
    return Entry("payment", -cents, day(on))


def red(claim: CourtClaim) -> list[str]:
    return [point.key for point in claim.red]


# principal, interest, costs -------------------------------------------------------------------------------


def test_an_untouched_claim_has_running_interest_from_its_first_day() -> None:
    claim = apply(some_case(fee(100), cents=119_000, start="2026-01-15"))
    assert (claim.principal, claim.interest) == (119_000, CourtInterest(5, day("2026-01-15")))
    assert claim.side_claims == (SideClaim("fee", 100), SideClaim("collection", 14_105))
    assert (claim.court_fee, claim.total) == (4_100, 119_000 + 100 + 14_105 + 4_100)


def test_p1_a_payment_into_the_principal_leaves_interest_since_its_day_and_running_from_tomorrow() -> None:
    claim = apply(some_case(payment(300_00, "2026-05-10")), on=day("2026-08-31"))
    assert claim.principal == 716_83
    assert claim.interest == CourtInterest(
        5, day("2026-09-01"), computed=14_34, computed_from=day("2026-05-10"), computed_to=day("2026-08-31")
    )


def test_p2_a_payment_that_costs_and_interest_swallow_leaves_interest_of_the_whole_time() -> None:
    claim = apply(some_case(fee(250, "2026-02-01"), payment(10_00, "2026-05-10")), on=day("2026-08-31"))
    assert claim.principal == 1_000_00
    assert (claim.interest.computed, claim.interest.computed_from) == (29_34, day("2026-02-01"))
    assert [side.kind for side in claim.side_claims] == ["collection"]


def test_a_payment_before_default_leaves_running_interest_on_the_rest() -> None:
    claim = apply(some_case(payment(400_00, "2026-01-20")))
    assert (claim.principal, claim.interest) == (600_00, CourtInterest(5, day("2026-02-01")))


def test_money_taken_back_after_it_was_paid_owes_interest_of_the_whole_time() -> None:
    back = Entry("chargeback", 300_00, day("2026-07-01"))
    claim = apply(some_case(payment(300_00, "2026-05-10"), back))
    assert (claim.principal, claim.interest.computed_from) == (1_000_00, day("2026-02-01"))


def test_a_chargeback_without_letters_bears_interest_from_the_service() -> None:
    taken = (payment(1_000_00, "2026-01-05"), Entry("chargeback", 1_000_00, day("2026-01-20")))
    claim = apply(some_case(*taken, steps=(), charged_back_on=day("2026-01-20")))
    assert (claim.principal, claim.interest) == (1_000_00, CourtInterest(5, None))


def test_a_business_pays_nine_points() -> None:
    assert apply(some_case(company="Muster GmbH")).interest.points == 9


def test_m7_the_lump_sum_is_credited_against_the_partners_costs() -> None:
    claim = apply(some_case(fee(40_00, kind="lump_sum"), cents=490_00, company="Muster GmbH"))
    assert claim.side_claims == (SideClaim("lump_sum", 40_00), SideClaim("collection", 55_62 - 40_00))


def test_a_lump_sum_above_the_partners_costs_leaves_nothing_of_them() -> None:
    claim = apply(some_case(fee(40_00, kind="lump_sum"), cents=49_99, company="Muster GmbH"))
    assert claim.side_claims == (SideClaim("lump_sum", 40_00),)


def test_payments_are_taken_off_the_oldest_costs() -> None:
    entries = (
        fee(100),
        fee(5_00, "2026-01-20", kind="return_fee"),
        payment(5_40, "2026-02-03"),
    )
    claim = apply(some_case(*entries, start="2026-02-10"))
    assert [side for side in claim.side_claims if side.kind != "collection"] == [SideClaim("fee", 60)]


def test_without_a_handover_there_are_no_costs_of_the_partner() -> None:
    facts = some_case(fee(100))
    before = replace(facts, steps=facts.steps[:2], case=replace(facts.case, status="running"))
    claim = apply(before)
    assert (claim.side_claims, claim.representative) == ((SideClaim("fee", 100),), "")


def test_a_creditor_who_cannot_deduct_input_tax_claims_the_partners_with_it() -> None:
    claim = apply(some_case(cents=490_00), override="[creditor]\ninput_tax_entitled = false")
    assert claim.side_claims == (SideClaim("collection", 66_19),)


@pytest.mark.parametrize(("cents", "court_fee"), [(49_90, 38_00), (1_000_01, 41_00), (10_000_00, 141_50)])
def test_the_court_takes_its_fee_by_the_principal(cents: int, court_fee: int) -> None:
    assert apply(some_case(fee(100_00), cents=cents)).court_fee == court_fee


def test_before_the_first_table_of_fees_there_is_none_and_no_error() -> None:
    early = some_facts("2013-01-02", case=CaseFacts(1, "closed", day("2013-01-12"), "none", 3))
    claim = apply(early, on=day("2013-03-01"))
    assert (claim.court_fee, claim.side_claims, claim.total) == (None, (), 100_00)


# parties and kind of claim --------------------------------------------------------------------------------


def test_the_creditor_applies_and_its_head_signs() -> None:
    claim = apply(some_case())
    assert (claim.applicant.name, claim.applicant.head) == ("Mahnlauf Demo GmbH", "Erika Muster")
    assert (claim.court.name, claim.trial_court) == ("Amtsgericht Wedding", "Amtsgericht")


@pytest.mark.parametrize(("status", "name"), [("handed_over", "Muster Inkasso GmbH"), ("closed", "")])
def test_the_partner_represents_as_long_as_the_claim_is_there(status: str, name: str) -> None:
    facts = some_case()
    assert apply(replace(facts, case=replace(facts.case, status=status))).representative == name


@pytest.mark.parametrize(
    ("plan", "number"), [("one_time_payment", 11), ("breakdown_payment", 11), ("abonnement", 5)]
)
def test_a_subscription_is_a_service_and_all_else_a_sale(plan: str, number: int) -> None:
    assert apply(some_case(plan=plan)).catalogue.number == number


def test_the_last_day_before_limitation_is_named() -> None:
    assert apply(some_case()).last_day == day("2029-12-31")


# what is missing ------------------------------------------------------------------------------------------


def test_a_consumers_complete_claim_misses_nothing() -> None:
    assert red(apply(some_case())) == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"house_number": ""}, "house_number"),
        ({"city": ""}, "city"),
        ({"zipcode": ""}, "zipcode"),
        ({"country": ""}, "country"),
        ({"first_name": "", "last_name": ""}, "name"),
        ({"disputed": True}, "no_dispute"),
        ({"company": "Müller & Söhne"}, "respondent_form"),
        ({"company": "Muster GmbH"}, "respondent_head"),
        ({"company": "Muster e.K."}, "respondent_head"),
    ],
)
def test_what_is_missing_is_named(changes: dict, key: str) -> None:
    assert red(apply(some_case(**changes))) == [key]


def test_of_a_cancelled_order_there_is_nothing_to_sue_for() -> None:
    facts = some_case()
    assert red(apply(replace(facts, order=replace(facts.order, cancelled=True)))) == ["not_cancelled"]


def test_an_address_letters_come_back_from_cannot_be_served() -> None:
    assert red(apply(some_case(undeliverable_on=dt.date(2026, 3, 2)))) == ["street", "zipcode"]


@pytest.mark.parametrize(
    ("country", "zipcode", "words"),
    [("AT", "1010", "1896/2006"), ("CH", "8001", "Betreibung"), ("LI", "9490", "Zahlbefehl")],
)
def test_a_respondent_abroad_is_not_for_the_german_procedure(country: str, zipcode: str, words: str) -> None:
    claim = apply(some_case(country=country, zipcode=zipcode))
    assert red(claim) == ["abroad"]
    assert words in claim.red[0].fix


def test_an_applicant_without_a_known_land_or_head_is_told_so() -> None:
    override = '[creditor]\nzipcode = "11011"\nregister = "HRB 1"\n'
    assert red(apply(some_case(), override=override)) == ["court", "applicant_head"]


def test_before_the_letters_are_out_that_is_missing() -> None:
    facts = some_case()
    early = replace(facts, steps=(), case=replace(facts.case, status="running"))
    assert red(apply(early)) == ["letters_sent", "deadline_passed"]


def test_a_claim_that_is_time_barred_says_so() -> None:
    assert red(apply(some_case(), on=day("2030-01-01"))) == ["not_time_barred"]


def test_a_paid_claim_is_nothing_for_a_court_and_costs_alone_are_no_principal() -> None:
    assert red(apply(some_case(payment(1_000_00, "2026-01-20")))) == ["open_amount"]
    rest = apply(some_case(payment(1_000_00, "2026-01-20"), fee(100)))
    assert (rest.principal, red(rest)) == (0, ["principal_left"])


# who sees it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "status", "handed_over", "vendor", "staff"),
    [
        (3, "running", False, True, True),
        (3, "closed", True, True, True),
        (2, "running", False, False, False),
        (2, "handed_over", True, False, True),
        (2, "failed", True, False, True),
        (1, "cancelled", False, False, True),
    ],
)
def test_vendors_see_it_under_the_court_scheme_and_support_when_it_is_over_or_at_the_partner(
    scheme: int, status: str, handed_over: bool, vendor: bool, staff: bool
) -> None:
    facts = some_case()
    steps = facts.steps if handed_over else facts.steps[:2]
    facts = replace(facts, steps=steps, case=replace(facts.case, scheme=scheme, status=status))
    assert (may_show(facts, staff=False), may_show(facts, staff=True)) == (vendor, staff)


def test_without_a_case_there_is_nothing_to_see() -> None:
    assert not may_show(some_facts(scheme=3), staff=True)
