"""Postcodes: a wrong format is wrong, an unknown code or another city is only suspicious."""

import pytest

from dunning.rules.postcodes import city_matches, known_city, known_lands, postcode_ok, read_places


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("DE", "01001"),
        ("DE", "99998"),
        ("DE", "11011"),
        ("AT", "1010"),
        ("CH", "3000"),
        ("LI", "9485"),
        ("LI", "9498"),
        ("FR", "67000"),
        ("NL", "1012 AB"),
    ],
)
def test_a_code_in_its_countrys_format_is_fine(country, code):
    assert postcode_ok(country, code)


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("DE", "00000"),
        ("DE", "1234"),
        ("DE", "01000"),
        ("DE", "99999"),
        ("DE", "123456"),
        ("DE", "1011A"),
        ("DE", " 10115"),
        ("DE", "10115\n"),
        ("DE", "\u0661\u0660\u0661\u0661\u0665"),
        ("DE", ""),
        ("AT", "0123"),
        ("AT", "10100"),
        ("CH", "801"),
        ("LI", "9484"),
        ("LI", "9499"),
        ("FR", ""),
        ("FR", "67000; DROP"),
    ],
)
def test_a_code_in_another_format_is_refused(country, code):
    assert not postcode_ok(country, code)


@pytest.mark.parametrize(
    ("country", "code", "city"),
    [
        ("DE", "10115", "Berlin"),
        ("DE", "01067", "Dresden"),
        ("DE", "20095", "Hamburg"),
        ("AT", "1010", "Wien"),
        ("AT", "8010", "Graz"),
        ("CH", "8001", "Zürich"),
        ("LI", "9490", "Vaduz"),
    ],
)
def test_the_list_knows_the_places_of_a_code(country, code, city):
    assert city in known_city(country, code)
    assert city_matches(country, code, city)


@pytest.mark.parametrize(
    ("country", "code"), [("DE", "11011"), ("CH", "3000"), ("DE", "00000"), ("FR", "67000")]
)
def test_a_code_the_list_does_not_know_matches_any_city(country, code):
    assert known_city(country, code) == ()
    assert city_matches(country, code, "Irgendwo")


def test_a_city_that_is_not_at_that_code_does_not_match():
    assert not city_matches("DE", "80331", "Hamburg")
    assert not city_matches("DE", "80331", "")


@pytest.mark.parametrize(
    "city", ["München", "Muenchen", "munchen", "MÜNCHEN", " München ", "München-Altstadt"]
)
def test_spellings_of_a_city_match(city):
    assert city_matches("DE", "80331", city)


def test_a_city_matches_with_and_without_its_river():
    assert city_matches("DE", "60311", "Frankfurt")
    assert city_matches("DE", "60311", "Frankfurt am Main")
    assert not city_matches("DE", "60311", "Frank")


def test_a_code_on_a_border_lies_in_two_laender():
    assert known_lands("21039") == ("HH", "SH")
    assert known_lands("10115") == ("BE",)
    assert known_lands("1010") == ()


def test_every_code_of_the_list_has_its_countrys_format():
    assert len(read_places()) == 13586
    assert [(c, z) for c, z in read_places() if not postcode_ok(c, z)] == []
