"""Which court, which legal form: the table of the law facts, all sixteen Länder."""

from datetime import date

import pytest

from dunning.rules.court.courts import COURTS, find_court, find_head, find_legal_form, name_trial_court
from dunning.rules.postcodes import read_places

# one postcode per Land -> court, postcode and place of its address
SEATS = {
    "70173": ("BW", "Amtsgericht Stuttgart", "70154", "Stuttgart"),
    "80331": ("BY", "Amtsgericht Coburg", "96441", "Coburg"),
    "10115": ("BE", "Amtsgericht Wedding", "13343", "Berlin"),
    "14467": ("BB", "Amtsgericht Wedding", "13343", "Berlin"),
    "28195": ("HB", "Amtsgericht Bremen", "28184", "Bremen"),
    "20095": ("HH", "Amtsgericht Hamburg-Altona", "22747", "Hamburg"),
    "18055": ("MV", "Amtsgericht Hamburg-Altona", "22747", "Hamburg"),
    "60311": ("HE", "Amtsgericht Hünfeld", "36084", "Hünfeld"),
    "30159": ("NI", "Amtsgericht Uelzen", "29525", "Uelzen"),
    "40213": ("NW", "Amtsgericht Hagen", "58081", "Hagen"),
    "55116": ("RP", "Amtsgericht Mayen", "56723", "Mayen"),
    "66111": ("SL", "Amtsgericht Mayen", "56723", "Mayen"),
    "04103": ("SN", "Amtsgericht Aschersleben, Dienststelle Staßfurt", "39418", "Staßfurt"),
    "39104": ("ST", "Amtsgericht Aschersleben, Dienststelle Staßfurt", "39418", "Staßfurt"),
    "99084": ("TH", "Amtsgericht Aschersleben, Dienststelle Staßfurt", "39418", "Staßfurt"),
    "24103": ("SH", "Amtsgericht Schleswig", "24837", "Schleswig"),
}


@pytest.mark.parametrize("zipcode", SEATS)
def test_the_applicants_land_decides_which_court_it_is(zipcode: str) -> None:
    _, *expected = SEATS[zipcode]
    court = find_court("DE", zipcode)
    assert [court.name, court.zipcode, court.city] == expected


def test_every_land_has_a_court() -> None:
    assert {land for land, *_ in SEATS.values()} == {land for court in COURTS for land in court.lands}
    assert len(SEATS) == 16


@pytest.mark.parametrize(
    ("zipcode", "name"),
    [
        ("50667", "Euskirchen"),
        ("52062", "Euskirchen"),
        ("53111", "Euskirchen"),
        ("42477", "Euskirchen"),
        ("42651", "Hagen"),
        ("41812", "Hagen"),
        ("44135", "Hagen"),
        ("57462", "Hagen"),
    ],
)
def test_in_north_rhine_westphalia_the_district_of_cologne_has_a_court_of_its_own(
    zipcode: str, name: str
) -> None:
    assert find_court("DE", zipcode).city == name


@pytest.mark.parametrize("zipcode", ["53474", "51598"])
def test_a_neighbours_postcode_beside_the_district_of_cologne_keeps_its_own_court(zipcode: str) -> None:
    assert find_court("DE", zipcode).city == "Mayen"


def test_an_applicant_abroad_goes_to_wedding() -> None:
    assert {find_court(country, "1010").name for country in ("AT", "CH")} == {"Amtsgericht Wedding"}


@pytest.mark.parametrize("zipcode", ["00000", "11011", "17337"])
def test_a_postcode_of_no_land_or_of_two_names_no_court(zipcode: str) -> None:
    assert find_court("DE", zipcode) is None


def test_a_postcode_of_two_laender_with_one_court_names_it() -> None:
    both = [
        code for (country, code), place in read_places().items() if country == "DE" and len(place.lands) > 1
    ]
    same = [code for code in both if find_court("DE", code)]
    assert same
    assert len(both) - len(same) == 14


@pytest.mark.parametrize(
    ("value", "on", "court"),
    [
        (1_000_000, date(2026, 1, 1), "Amtsgericht"),
        (1_000_001, date(2026, 1, 1), "Landgericht"),
        (500_000, date(2025, 12, 31), "Amtsgericht"),
        (500_001, date(2025, 12, 31), "Landgericht"),
    ],
)
def test_the_value_decides_which_court_hears_an_objection(value: int, on: date, court: str) -> None:
    assert name_trial_court(value, on) == court


@pytest.mark.parametrize(
    ("company", "ending", "head"),
    [
        ("Muster Handels GmbH", "GmbH", "Geschäftsführer"),
        ("MUSTER GMBH", "GmbH", "Geschäftsführer"),
        (
            "Muster GmbH & Co. KG",
            "GmbH & Co. KG",
            "Geschäftsführer der persönlich haftenden Gesellschafterin",
        ),
        ("Muster GmbH & Co KG", "GmbH & Co. KG", "Geschäftsführer der persönlich haftenden Gesellschafterin"),
        ("Muster UG (haftungsbeschränkt)", "UG (haftungsbeschränkt)", "Geschäftsführer"),
        ("Muster gGmbH", "gGmbH", "Geschäftsführer"),
        ("Muster AG", "AG", "Vorstand"),
        ("Kleingärtner e. V.", "e.V.", "Vorstand"),
        ("Blumen Muster e.K.", "e.K.", ""),
        ("Blumen Muster e. Kfr.", "e.Kfr.", ""),
        ("Muster OHG", "OHG", "Gesellschafter"),
        ("Muster KG", "KG", "persönlich haftender Gesellschafter"),
    ],
)
def test_a_companys_name_says_its_form_and_who_signs(company: str, ending: str, head: str) -> None:
    form = find_legal_form(company)
    assert (form.ending, form.head) == (ending, head)


@pytest.mark.parametrize("company", ["", "Müller & Söhne", "AG Werkstatt", "Mode per se", "Magnet"])
def test_a_name_without_a_form_has_none(company: str) -> None:
    assert find_legal_form(company) is None


@pytest.mark.parametrize(
    ("register", "head"),
    [
        ("Geschäftsführung: Erika Muster · Amtsgericht Berlin, HRB 1", "Erika Muster"),
        ("Geschäftsführer: A. Muster, B. Muster | HRB 1", "A. Muster, B. Muster"),
        ("Vorstand: Max Muster", "Max Muster"),
        ("Amtsgericht Berlin, HRB 1", ""),
        ("", ""),
    ],
)
def test_a_letters_footer_names_who_acts_for_the_company(register: str, head: str) -> None:
    assert find_head(register) == head
