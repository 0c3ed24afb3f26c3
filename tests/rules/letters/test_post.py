"""Which letters the printer gets: today's, true and wanted; what lay too long is made anew first."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.letters.post import FACTS_CHANGED, NOT_POSTED, Paper, Waiting
from dunning.rules.policy import load_policy

POLICY = load_policy()
MONDAY = dt.date(2026, 1, 12)
PAPER = Paper("M6B5zL7i", "Anna Muster", "80804", "München", "DE", "first_letter", "0" * 64)
LETTER = Waiting(MONDAY, PAPER, "running", out=False, changed=False, came_back=False, posted_on=None)


@pytest.mark.parametrize(
    ("made_on", "country", "zipcode", "last_day"),
    [
        ("2026-01-12", "DE", "80804", "2026-01-14"),  # Monday to Wednesday
        ("2026-01-16", "DE", "80804", "2026-01-20"),  # over a weekend
        ("2026-01-05", "DE", "80804", "2026-01-08"),  # Epiphany is a holiday in Bavaria
        ("2026-01-05", "DE", "10115", "2026-01-07"),  # and none in Berlin
        ("2026-04-02", "AT", "1010", "2026-04-08"),  # abroad the nationwide German holidays count: Easter
    ],
)
def test_a_letter_may_be_posted_for_two_working_days_after_its_own(
    made_on: str, country: str, zipcode: str, last_day: str
) -> None:
    paper = replace(PAPER, country=country, zipcode=zipcode)
    letter = replace(LETTER, made_on=dt.date.fromisoformat(made_on), paper=paper)
    last = dt.date.fromisoformat(last_day)
    assert letter.outdated(last, POLICY) == ""
    assert letter.printable(last, POLICY)
    assert letter.outdated(last + dt.timedelta(days=1), POLICY) == NOT_POSTED
    assert not letter.printable(last + dt.timedelta(days=1), POLICY)


def test_a_letter_with_another_address_or_amount_is_made_anew_at_once() -> None:
    assert replace(LETTER, changed=True).outdated(MONDAY, POLICY) == FACTS_CHANGED


def test_a_letter_that_is_out_stays_as_it_is() -> None:
    late = MONDAY + dt.timedelta(days=30)
    assert replace(LETTER, out=True, changed=True).outdated(late, POLICY) == ""
    assert replace(LETTER, posted_on=MONDAY, changed=True).outdated(late, POLICY) == ""


@pytest.mark.parametrize(
    "held",
    [{"posted_on": MONDAY}, {"came_back": True}, {"case_status": "paid"}, {"case_status": "blocked"}],
)
def test_what_was_posted_came_back_or_is_not_wanted_is_not_printed(held: dict) -> None:
    assert LETTER.printable(MONDAY, POLICY)
    assert not replace(LETTER, **held).printable(MONDAY, POLICY)


def test_letters_of_one_postcode_lie_together_and_countries_apart() -> None:
    papers = [replace(PAPER, country=c, zipcode=z, name=n) for c, z, n in
              (("DE", "80804", "B"), ("AT", "1010", "Z"), ("DE", "10115", "Z"), ("DE", "80804", "A"))]  # fmt: skip
    places = [(p.country, p.zipcode, p.name) for p in sorted(papers, key=lambda p: p.place)]
    assert places == [("AT", "1010", "Z"), ("DE", "10115", "Z"), ("DE", "80804", "A"), ("DE", "80804", "B")]
