"""The gates: what a vendor's settings decide on the day a case opens."""

import pytest

from dunning.rules.gates import Opening, Settings, choose_opening, starts_handover


def opening(
    settings: Settings, *, cents: int = 100_00, charged_back: bool = False, green: bool = True
) -> Opening:
    return choose_opening(settings, open_principal=cents, charged_back=charged_back, start_points_green=green)


def test_a_new_vendor_reviews_and_has_chosen_nothing():
    assert Settings() == Settings(
        scheme=0, review=True, threshold=0, auto_chargebacks=False, remainder="forgive_small"
    )


@pytest.mark.parametrize("green", [True, False])
def test_a_reviewed_case_waits_without_consent_red_points_or_not(green):
    assert opening(Settings(review=True), green=green) == Opening("awaiting_approval", "none")


def test_an_automatic_case_runs_with_consent():
    assert opening(Settings(review=False)) == Opening("running", "automatic")


def test_an_automatic_case_with_red_points_fails_without_consent():
    assert opening(Settings(review=False), green=False) == Opening("failed", "none")


@pytest.mark.parametrize("threshold", [100_00, 200_00, 500_00, 1_000_00, 10_000_00, 123_45])
def test_over_the_limit_means_strictly_greater(threshold):
    settings = Settings(review=False, threshold=threshold)
    assert opening(settings, cents=threshold - 1) == Opening("running", "none")
    assert opening(settings, cents=threshold) == Opening("running", "none")
    assert opening(settings, cents=threshold + 1) == Opening("running", "automatic")


def test_without_a_limit_every_cent_is_handed_over():
    assert opening(Settings(review=False, threshold=0), cents=1).consent == "automatic"


@pytest.mark.parametrize("review", [True, False])
def test_only_auto_chargebacks_decides_about_a_chargeback(review):
    wanted = Settings(review=review, auto_chargebacks=True, threshold=10_000_00)
    assert opening(wanted, charged_back=True) == Opening("running", "automatic")
    unwanted = Settings(review=review, auto_chargebacks=False)
    assert opening(unwanted, charged_back=True) == Opening("awaiting_approval", "none")


def test_an_automatic_chargeback_with_red_points_fails():
    settings = Settings(auto_chargebacks=True)
    assert opening(settings, charged_back=True, green=False) == Opening("failed", "none")


def test_auto_chargebacks_says_nothing_about_unpaid_orders():
    settings = Settings(review=True, auto_chargebacks=True)
    assert opening(settings) == Opening("awaiting_approval", "none")


@pytest.mark.parametrize(
    ("status", "scheme", "chargeback", "letters_out", "at_once"),
    [
        ("ready_for_handover", 2, False, True, True),
        ("awaiting_approval", 2, False, False, False),
        ("awaiting_approval", 2, True, False, True),
        ("awaiting_approval", 1, True, False, False),
        ("failed", 3, False, True, True),
        ("failed", 3, False, False, False),
        ("running", 2, True, True, False),
        ("closed", 2, True, True, False),
    ],
)
def test_start_hands_over_at_once_when_no_letter_is_left_to_send(
    status, scheme, chargeback, letters_out, at_once
):
    assert starts_handover(status, scheme, chargeback=chargeback, letters_out=letters_out) is at_once
