"""References and GiroCodes that every banking app reads: the RF and Q tables of the law facts."""

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.money.reference import (
    PaymentCodeError,
    creditor_reference,
    girocode_payload,
    group_reference,
    is_reference,
)

IBAN = "DE89370400440532013000"
numbers = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=21)


def code(name="Muster GmbH", iban=IBAN, bic="", cents=119000, reference="", **more):
    return girocode_payload(name, iban, bic, cents, reference, **more)


# RF creditor reference, ISO 11649


@pytest.mark.parametrize(
    ("number", "reference"),
    [
        ("RE20260001", "RF40RE20260001"),
        ("1001", "RF401001"),
        ("M2026000042", "RF93M2026000042"),
        ("INV2026A17", "RF35INV2026A17"),
        ("2348236", "RF332348236"),
        ("539007547034", "RF18539007547034"),
        ("000000000000000000001", "RF74000000000000000000001"),
    ],
)
def test_a_number_gets_its_check_digits(number, reference):
    assert creditor_reference(number) == reference
    assert is_reference(reference)


def test_signs_that_a_reference_cannot_hold_are_dropped():
    assert creditor_reference("re-2026/0001") == "RF40RE20260001"


@pytest.mark.parametrize("number", ["", "-/-", "A" * 22, "ÄÖÜ"])
def test_a_number_without_room_or_signs_has_no_reference(number):
    with pytest.raises(PaymentCodeError, match="1 to 21"):
        creditor_reference(number)


def test_leading_zeros_do_not_matter():
    assert is_reference("RF18000000000539007547034")


@pytest.mark.parametrize(
    "text",
    ["", "RF41RE20260001", "RF40", "rf40re20260001", "RF40 RE20 2600 01", "RE20260001", "RF1" + "1" * 30],
)
def test_what_is_no_reference_is_not_taken_for_one(text):
    assert not is_reference(text)


@given(numbers)
def test_every_number_gives_a_valid_reference(number):
    assert is_reference(creditor_reference(number))


@given(numbers, st.data())
def test_one_mistyped_digit_is_always_noticed(number, data):
    reference = creditor_reference(number)
    place = data.draw(st.sampled_from([n for n, sign in enumerate(reference) if sign.isdigit()]))
    wrong = data.draw(st.sampled_from(string.digits).filter(lambda sign: sign != reference[place]))
    mistyped = reference[:place] + wrong + reference[place + 1 :]
    assert not is_reference(mistyped)


def test_a_reference_is_printed_in_groups_of_four():
    assert group_reference("RF93M2026000042") == "RF93 M202 6000 042"
    assert group_reference("DE02120300000000202051") == "DE02 1203 0000 0000 2020 51"


# GiroCode, EPC069-12


@pytest.mark.parametrize(
    ("payload", "size", "digest"),
    [
        (code(reference="RF40RE20260001"), 76, "08baddc33e1779af"),
        (code(cents=12250, text="RE-2026-0001 K-4711"), 81, "6b9da85d51c278be"),
        (code(name="Müller & Söhne OHG", cents=1, text="Rechnung 1001 Mahnung 2"), 92, "b5776b4e4688baec"),
        (code(cents=99999999999, text="X" * 140, info="Y" * 70), 279, "49453a650e408554"),
        (code(bic="COBADEFFXXX", cents=4990, text="RE-1", version="001"), 76, "ca6702697e4529a7"),
    ],
)
def test_the_payload_is_the_published_one_to_the_byte(payload, size, digest):
    assert len(payload.encode()) == size
    assert hashlib.sha256(payload.encode()).hexdigest().startswith(digest)


def test_nothing_stands_after_the_last_filled_line():
    assert code(reference="RF40RE20260001").endswith("\n\nRF40RE20260001")
    assert code().endswith("\nEUR1190.00")


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"reference": "RF40RE20260001", "text": "RE-1"}, "never both"),
        ({"reference": "RE20260001"}, "valid RF"),
        ({"name": "N" * 71}, "more than 70"),
        ({"name": " "}, "name is missing"),
        ({"name": "Muster\nGmbH"}, "control signs"),
        ({"cents": 0}, "between"),
        ({"cents": -1}, "between"),
        ({"cents": 100_000_000_000}, "between"),
        ({"iban": "DE88370400440532013000"}, "IBAN"),
        ({"iban": "DE89 3704 0044 0532 0130 00"}, "IBAN"),
        ({"bic": "NOTABIC"}, "BIC"),
        ({"version": "001"}, "needs a BIC"),
        ({"text": "X" * 141}, "more than 140"),
        ({"text": "A\r\nB"}, "control signs"),
        ({"info": "Y" * 71}, "more than 70"),
        ({"name": "Ü" * 70, "text": "Ü" * 140}, "331 bytes"),
    ],
)
def test_a_code_no_bank_would_take_is_refused(broken, rule):
    with pytest.raises(PaymentCodeError, match=rule):
        code(**broken)


def test_a_name_of_seventy_and_a_text_of_a_hundred_and_forty_signs_fit():
    assert len(code(name="N" * 70, text="X" * 140).encode()) <= 331
