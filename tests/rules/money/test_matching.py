"""Whose money is it: an order is named or it is not; what only looks alike is left to a person."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.money.matching import (
    Candidate,
    Known,
    Match,
    Target,
    decide_match,
    is_possibly_same,
    is_similar,
    rank_candidates,
    read_clues,
)
from dunning.rules.money.rate_hint import read_hint
from dunning.rules.money.reference import creditor_reference, fold_order_id, group_reference

ORDER = Target(1, 9, "EUR")
OTHER = Target(2, 9, "EUR")
RATE = Target(1, 9, "EUR", 3)
BODY = "M4711BCDFGHJ"
REFERENCE = creditor_reference(BODY)
ORDERS = {"M6B5ZL7I": [ORDER], "9AK2XQ01": [OTHER], "PLAN7": [Target(3, 9, "USD")], "TWICE1": [ORDER, OTHER]}


def find(text: str, currency: str = "EUR") -> Match:
    return decide_match(read_clues(text), currency, {BODY: RATE}, ORDERS)


@pytest.mark.parametrize(
    "text",
    [
        "M6B5zL7i",
        "Order M6B5zL7i, thank you",
        "Bestellung:M6B5zL7i.",
        "m6b5zl7i",
        "M6B5-zL7i",
        "M6B5 zL7i",
        "M6 B5 zL 7i",
        "M6-B5 zL–7i",
        "M6B5_zL7i",
        "Order M6B5\nzL7i danke",
        "Order\nM6B5zL7i",
        "Bestellung M6B\n5zL7i vom 2.1.",
        "M6B5zL7i M6B5ZL7I",
        "Bestellung M6B5zL7i für Müller",
    ],
)
def test_an_order_id_is_found_however_it_is_written(text: str) -> None:
    assert find(text).target == ORDER


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_reference"),
        ("Danke", "no_reference"),
        ("XM6B5zL7iY", "no_reference"),
        ("M6B5zL7i2", "no_reference"),
        ("M 6 B 5 zL7i", "no_reference"),
        ("M6B5, zL7i", "no_reference"),
        ("M6B5.zL7i", "no_reference"),
        ("ÄM6B5zL7i", "no_reference"),
        ("M6B5zL7i and 9aK2xQ01", "several_orders"),
        ("TWICE1", "several_orders"),
        ("PLAN7", "other_currency"),
        (f"{REFERENCE} 9aK2xQ01", "several_orders"),
        (creditor_reference("M9999999999X"), "order_unknown"),
        (f"RF00{BODY}", "no_reference"),
        (REFERENCE[:-1], "no_reference"),
    ],
)
def test_what_names_no_order_or_two_is_left_to_a_person(text: str, reason: str) -> None:
    assert find(text) == Match(reason=reason)


@pytest.mark.parametrize(
    "text",
    [
        REFERENCE,
        REFERENCE.lower(),
        group_reference(REFERENCE),
        f"Zahlung {group_reference(REFERENCE)} Danke schön",
        f"{REFERENCE[:9]}\n{REFERENCE[9:]}",
        f"{group_reference(REFERENCE)[:12]}\n{group_reference(REFERENCE)[12:]}",
        f"{REFERENCE} M6B5zL7i",
        f"{REFERENCE} Rate 4",
    ],
)
def test_a_reference_with_right_check_digits_names_its_receivable(text: str) -> None:
    assert find(text) == Match(ORDER, 3)


def test_a_wrong_check_digit_names_nothing_but_the_order_beside_it_does() -> None:
    wrong = f"RF{(int(REFERENCE[2:4]) + 1) % 100:02d}{BODY}"
    assert find(wrong).target is None
    assert find(f"{wrong} M6B5zL7i") == Match(ORDER)


def test_the_rates_a_buyer_names_come_first() -> None:
    assert find("M6B5zL7i Rate 2/6") == Match(ORDER, hint=read_hint("Rate 2/6"))


def test_two_references_of_one_order_are_the_order() -> None:
    second = "M4711BCDFGHK"
    text = f"{REFERENCE} {creditor_reference(second)}"
    known = {BODY: RATE, second: Target(1, 9, "EUR", 4)}
    assert decide_match(read_clues(text), "EUR", known, {}) == Match(ORDER)


def test_a_very_long_text_gives_a_bounded_number_of_candidates() -> None:
    assert len(read_clues(" ".join(f"A{number}" for number in range(5_000))).order_ids) <= 400


def test_short_words_are_no_order_ids() -> None:
    assert decide_match(read_clues("ABC"), "EUR", {}, {"ABC": [ORDER]}).target is None


IDS = st.from_regex(r"[A-Z0-9a-z]{4,12}", fullmatch=True)


@given(IDS, st.lists(st.sampled_from([" ", "-", "\n", " \n"]), min_size=0, max_size=3), st.randoms())
def test_an_order_id_cut_into_up_to_four_pieces_is_found(order_id: str, cuts: list[str], random) -> None:
    pieces = order_id
    for cut in cuts:
        place = random.randrange(1, len(pieces))
        pieces = pieces[:place] + cut + pieces[place:]
    orders = {fold_order_id(order_id): [ORDER]}
    assert decide_match(read_clues(f"Zahlung, {pieces}, danke"), "EUR", {}, orders).target == ORDER


# --- The same payment by two channels ---

DAY = dt.date(2026, 1, 20)


@pytest.mark.parametrize(
    ("source", "other", "days", "cents", "same"),
    [
        ("ipn", "camt", 0, 100, True),
        ("camt", "ipn", 5, 100, True),
        ("mt940", "ipn", -5, 100, True),
        ("camt", "mt940", 1, 100, True),
        ("ipn", "camt", 6, 100, False),
        ("ipn", "camt", 0, 101, False),
        ("ipn", "ipn", 0, 100, False),
        ("camt", "camt", 0, 100, False),
        ("csv", "camt", 0, 100, True),
        ("support", "camt", 0, 100, False),
    ],
)
def test_two_channels_may_speak_of_one_payment(source, other, days, cents, same) -> None:
    one = Known(100, DAY, source)
    assert is_possibly_same(one, Known(cents, DAY + dt.timedelta(days), other)) == same


# --- Suggestions ---


def a_candidate(order_id: str = "A1", **changes) -> Candidate:
    fields = {"rate": 1, "rates": 1, "names": ("Anna Muster",), "open": 105_00, "principal": 100_00}
    return Candidate(order_id, **fields | {"named": False} | changes)


def test_every_suggestion_says_why() -> None:
    found = rank_candidates(
        100_00,
        "MUSTER, ANNA",
        [
            a_candidate("NAME", open=1, principal=1),
            a_candidate("AMOUNT", names=("Bo Beispiel",)),
            a_candidate("BOTH"),
            a_candidate("TEXT", named=True, open=1, principal=1, names=("X",)),
        ],
    )
    assert [(s.candidate.order_id, s.why) for s in found] == [
        ("TEXT", ("order_in_text",)),
        ("BOTH", ("same_amount", "same_name")),
        ("AMOUNT", ("same_amount",)),
    ]


@pytest.mark.parametrize("cents", [105_00, 100_00])
def test_the_open_amount_may_be_paid_with_or_without_costs(cents: int) -> None:
    assert rank_candidates(cents, "", [a_candidate()])[0].why == ("same_amount",)


def test_money_back_is_never_suggested_by_its_amount() -> None:
    assert rank_candidates(-100_00, "", [a_candidate(open=-100_00)]) == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("ANNA MUSTER", "Anna Muster", True),
        ("Muster, Anna", "Anna Muster", True),
        ("Sukru Gross", "Şükrü Groß", True),
        ("Anna Mustr", "Anna Muster", True),
        ("Anna Muster", "Bert Muster", False),
        ("", "", False),
    ],
)
def test_names_are_alike_whatever_their_spelling(one: str, other: str, alike: bool) -> None:
    assert is_similar(one, other) is alike
