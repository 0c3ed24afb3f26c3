"""A letter is complete, adds up, survives freezing, and carries nothing it does not print."""

import json

import pytest

from dunning.rules.facts import BuyerFacts
from dunning.rules.letters.letter import (
    Letter,
    describe_claim,
    freeze_letter,
    language_for,
    name_recipient,
    thaw_letter,
)
from tests.outside.press.letter_builders import a_business_letter, a_first_letter, a_second_letter

BUYER = BuyerFacts(
    " Anna", "Berger", "", "anna@example.org", "0221 1", "Lindenstraße", "12", "", "50674", "Köln", "DE"
)


def test_a_letter_whose_lines_do_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up to 49000 cents"):
        a_first_letter(total=490_01)


def test_a_second_letter_names_the_day_of_the_first() -> None:
    with pytest.raises(ValueError, match="the day of the first"):
        a_second_letter(reminded_on=None)


@pytest.mark.parametrize("letter", [a_first_letter(), a_second_letter(language="en"), a_business_letter()])
def test_a_letter_survives_freezing(letter: Letter) -> None:
    assert Letter.from_json(letter.to_json()) == letter
    stored = json.loads(json.dumps(freeze_letter(letter)))
    assert thaw_letter(stored) == letter
    assert thaw_letter(stored).to_json() == letter.to_json()


def test_a_frozen_letter_that_was_changed_is_refused() -> None:
    frozen = freeze_letter(a_first_letter()) | {"total": 1}
    with pytest.raises(ValueError, match="add up"):
        thaw_letter(frozen)


def test_the_attached_claim_has_the_letters_numbers_and_nobodys_address() -> None:
    letter = a_second_letter()
    claim = describe_claim(letter)
    lines = [*(line for position in claim["positions"] for line in position["lines"]), *claim["charges"]]
    assert sum(line["cents"] for line in lines) == claim["total"] == 395_59
    assert "Berger" not in json.dumps(claim)
    assert "Lindenstraße" not in json.dumps(claim, ensure_ascii=False)


def test_no_letter_carries_contact_data() -> None:
    letter = a_first_letter(recipient=name_recipient(BUYER))
    assert letter.recipient.person == "Anna Berger"
    assert "anna@example.org" not in letter.to_json()
    assert "0221 1" not in letter.to_json()


@pytest.mark.parametrize(
    ("country", "language"),
    [("DE", "de"), ("AT", "de"), ("CH", "de"), ("LI", "de"), ("FR", "en"), ("", "en")],
)
def test_german_is_written_where_it_is_spoken(country: str, language: str) -> None:
    assert language_for(country) == language
