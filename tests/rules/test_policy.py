"""The policy file: what it says by default, what an operator may change, what is refused."""

from dataclasses import FrozenInstanceError
from datetime import time

import pytest

from dunning.rules.policy import PolicyError, load_policy


def test_the_built_in_policy_has_the_days_of_the_product_page():
    steps = load_policy().steps
    assert steps.upcoming_reminder.after_days == -5
    assert (steps.service_call.after_days, steps.payment_reminder.after_days) == (1, 5)
    assert (steps.first_letter.after_days, steps.first_letter.deadline_days) == (10, 7)
    assert (steps.second_letter.gap_days, steps.second_letter.deadline_days) == (10, 10)
    assert (steps.first_call.gap_days, steps.second_call.gap_days) == (1, 1)
    assert (steps.handover.working_days, steps.catch_up_days) == (2, 3)


def test_the_built_in_policy_has_the_amounts_of_the_product_page():
    policy = load_policy()
    assert (policy.fees.consumer_letter, policy.fees.consumer_cap) == (100, 250)
    assert policy.fees.business_lump_sum == 4000
    assert (policy.remainder.forgive_under, policy.remainder.handover_from) == (500, 1000)
    assert (policy.cancellation.vendor_fee, policy.cancellation.partner_fee) == (8124, 5900)
    assert (policy.limits.settings_lock_days, policy.limits.hold_days) == (30, 42)
    assert policy.claims.countries == ("DE", "AT", "CH", "LI")
    assert (policy.interest_points(business=False), policy.interest_points(business=True)) == (5, 9)
    assert policy.working_hours.start == time(9)


@pytest.mark.parametrize(
    ("method", "unpaid", "failed", "charged_back"),
    [
        ("invoice", "dunning", "never", "never"),
        ("sepa", "reminder", "dunning", "collection"),
        ("credit_card", "reminder", "reminder", "collection"),
        ("paypal", "reminder", "reminder", "collection"),
        ("sofort", "reminder", "reminder", "collection"),
        ("test", "never", "never", "never"),
        ("barter", "never", "never", "never"),
    ],
)
def test_the_method_decides_how_far_dunning_goes(method, unpaid, failed, charged_back):
    policy = load_policy()
    assert policy.treatment(method, "unpaid") == unpaid
    assert policy.treatment(method, "failed") == failed
    assert policy.treatment(method, "charged_back") == charged_back


def test_an_override_changes_the_named_key_and_leaves_its_neighbours():
    policy = load_policy("[steps.first_letter]\ndeadline_days = 9\n[working_hours]\nstart = 10:30:00")
    assert policy.steps.first_letter.deadline_days == 9
    assert policy.steps.first_letter.after_days == 10
    assert policy.working_hours.start == time(10, 30)
    assert load_policy().steps.first_letter.deadline_days == 7


@pytest.mark.parametrize(
    ("text", "key", "rule"),
    [
        ("tips = 1", "tips", "unknown key"),
        ("[fees]\nconsumer_leter = 1", "fees.consumer_leter", "unknown key"),
        ("fees = 3", "fees", "must be a table"),
        ("[fees]\nconsumer_cap = 251", "fees.consumer_cap", "less than or equal to 250"),
        ("[fees]\nconsumer_letter = 200\nconsumer_cap = 150", "fees", "must not be greater"),
        ("[fees]\nconsumer_letter = 500", "fees", "must not be greater"),  # M5 of the law facts
        ("[fees]\nbusiness_lump_sum = 4001", "fees.business_lump_sum", "less than or equal to 4000"),
        ("[clicks]\ndelay_seconds = true", "clicks.delay_seconds", "valid integer"),
        ("[clicks]\ndelay_seconds = 1.5", "clicks.delay_seconds", "valid integer"),
        ("[steps.payment_reminder]\nafter_days = 10", "steps", "must be less than"),
        ("[steps.service_call]\nafter_days = 6", "steps", "must not be greater than payment_reminder"),
        ("[steps.second_letter]\nafter_days = 10", "steps", "must be greater than"),
        ("[steps.second_letter]\ngap_days = 0", "steps", "at least 1"),
        ("[steps.upcoming_reminder]\nafter_days = 1", "steps.upcoming_reminder.after_days", "less than 0"),
        ("[interest]\nconsumer_points = 6", "interest.consumer_points", "less than or equal to 5"),
        ("[methods.sepa]\nunpaid = 'shout'", "methods.sepa.unpaid", "'dunning'"),
        ("[claims]\ncurrency = 'USD'", "claims.currency", "'EUR'"),
        ("[claims]\ncountries = []", "claims.countries", "at least 1"),
        ("[creditor]\niban = 'DE03120300000000202051'", "creditor", "valid IBAN"),
        ("[creditor]\nbic = 'NOTABIC'", "creditor", "valid BIC"),
        ("[creditor", "", "not a TOML file"),
    ],
)
def test_a_broken_policy_is_refused_by_key_and_rule(text, key, rule):
    with pytest.raises(PolicyError) as refused:
        load_policy(text)
    assert str(refused.value).startswith(key)
    assert rule in str(refused.value)


def test_every_broken_key_is_named_at_once():
    with pytest.raises(PolicyError, match=r"limits\.hold_days.*; clicks\.delay_seconds|clicks.*; limits"):
        load_policy("[limits]\nhold_days = 0\n[clicks]\ndelay_seconds = -1")


def test_the_built_in_creditor_is_known_as_a_demonstration():
    assert load_policy().creditor.is_demo
    named = "[creditor]\nname = 'Muster Handels AG'\n"
    assert load_policy(named).creditor.is_demo
    assert not load_policy(named + "iban = 'DE89370400440532013000'").creditor.is_demo


def test_a_policy_cannot_be_changed_after_loading():
    with pytest.raises(FrozenInstanceError):
        load_policy().fees.consumer_letter = 0
