"""The recipient's lines: six at most, none wider than the window."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dunning.rules.letters.address import (
    MOST_LINES,
    SMALL_ROOM,
    address_lines,
    greet_recipient,
    measure_line,
    wrap_line,
)
from tests.outside.press.letter_builders import BERGER, LONG

words = st.text(st.characters(codec="utf-8", categories=["L", "Nd", "Zs", "Pd"]), max_size=90)


def test_a_german_address_has_no_country() -> None:
    assert address_lines(BERGER, "Deutschland").lines == ("Anna Berger", "Lindenstraße 12", "50674 Köln")


def test_abroad_the_country_stands_last_in_capitals() -> None:
    swiss = replace(BERGER, zipcode="8001", city="Zürich", country="CH")
    assert address_lines(swiss, "Schweiz").lines[-2:] == ("8001 Zürich", "SCHWEIZ")


def test_british_towns_stand_before_their_postcode() -> None:
    british = replace(BERGER, zipcode="EH1 1AB", city="Edinburgh", country="GB")
    assert address_lines(british, "Grossbritannien").lines[-2:] == ("EDINBURGH EH1 1AB", "GROSSBRITANNIEN")


def test_the_company_comes_before_the_person_and_details_before_the_street() -> None:
    business = replace(BERGER, company="Foto Berger e. K.", details="Hinterhaus")
    assert address_lines(business, "").lines == (
        "Foto Berger e. K.",
        "Anna Berger",
        "Hinterhaus",
        "Lindenstraße 12",
        "50674 Köln",
    )


def test_missing_fields_leave_no_blank_line() -> None:
    bare = replace(BERGER, first_name=" ", last_name="", company="Foto\n Berger", house_number="")
    assert address_lines(bare, "").lines == ("Foto Berger", "Lindenstraße", "50674 Köln")


def test_five_lines_stand_wide_and_six_closer() -> None:
    five = replace(BERGER, company="Foto Berger e. K.", details="Hinterhaus")
    assert address_lines(five, "").style == ""
    assert address_lines(replace(five, country="AT"), "Österreich").style == "six"


def test_long_lines_wrap_and_then_the_type_gets_smaller() -> None:
    assert len(address_lines(LONG, "").lines) == 6
    longer = replace(LONG, details="Hinterhaus, dritte Etage links, bei Dr. Schulze-Delitzsch")
    assert address_lines(longer, "").style == "six nine"


def test_what_does_not_fit_is_cut_visibly_but_street_and_town_stay() -> None:
    endless = replace(LONG, company="Gesellschaft " * 20, details="Hinterhaus " * 20, country="CH")
    block = address_lines(endless, "Schweiz")
    assert len(block.lines) == MOST_LINES
    assert block.lines[0].endswith("…")
    assert block.lines[-3:] == ("Bürgermeister-Spitta-Allee 145–147 a", "10115 Berlin", "SCHWEIZ")


@given(words, words, words, words, words, st.sampled_from(["DE", "CH", "GB"]))
def test_no_address_leaves_the_window(
    company: str, name: str, details: str, street: str, city: str, country: str
) -> None:
    recipient = replace(
        LONG, company=company, last_name=name, details=details, street=street, city=city, country=country
    )
    lines = address_lines(recipient, "Vereinigtes Königreich").lines
    assert 1 <= len(lines) <= MOST_LINES
    assert all(line.strip() for line in lines)
    assert all(measure_line(line) <= SMALL_ROOM for line in lines)


@given(words)
@example("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}")  # wider than this line
def test_wrapping_loses_no_sign(text: str) -> None:
    assert "".join("".join(wrap_line(text, 6_000)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("language", "greeting"), [("de", "Guten Tag Anna Berger,"), ("en", "Dear Anna Berger,")]
)
def test_the_buyer_is_greeted_by_name(language: str, greeting: str) -> None:
    assert greet_recipient(BERGER, language) == greeting


def test_without_a_persons_name_nobody_is_named() -> None:
    nobody = replace(BERGER, first_name="", last_name="", company="Foto Berger e. K.")
    assert greet_recipient(nobody, "de") == "Guten Tag,"
    assert greet_recipient(nobody, "en") == "Dear Sir or Madam,"
