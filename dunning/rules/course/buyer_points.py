"""The buyer's points: who owes, where letters go, and the address form that mends a red one."""

import datetime as dt
import re

from dunning.rules.course.points import N_, Look, Point
from dunning.rules.facts import BuyerFacts
from dunning.rules.mail_address import email_ok
from dunning.rules.postcodes import city_matches, country_formats, known_city, postcode_ok

# `Lindenstraße 12`, `12a`, `12 a`, `12-14`, but not `Straße des 17. Juni`
_ENDS_IN_NUMBER = re.compile(r"(\d|\s\d\S*|\s\d+ [a-z])$", re.IGNORECASE)

# a code of the country has up to dozens of villages
MOST_PLACES = 3


def check_buyer(look: Look) -> tuple[Point, ...]:
    return (
        _name(look),
        _street(look),
        _house_number(look),
        _zipcode(look),
        _city(look),
        _country(look),
        _email(look),
    )


def _name(look: Look) -> Point:
    buyer = look.facts.buyer
    ok = buyer.business or bool(buyer.first_name.strip() and buyer.last_name.strip())
    if ok:
        return Point("name", True, N_("%(name)s"), {"name": buyer.name})
    fix = N_("First and last name, or a company, must be corrected in the order.")
    return Point("name", False, N_("First and last name or a company are missing"), fix=fix)


def _street(look: Look) -> Point:
    buyer = look.facts.buyer
    if buyer.street.strip() and buyer.undeliverable_on:
        return _came_back("street", buyer.street, buyer.undeliverable_on)
    return _filled("street", buyer.street, N_("The street is missing"))


def _house_number(look: Look) -> Point:
    buyer = look.facts.buyer
    if buyer.house_number.strip():
        return Point("house_number", True, N_("%(value)s"), {"value": buyer.house_number})
    if _ENDS_IN_NUMBER.search(buyer.street.rstrip()):
        return Point("house_number", True, N_("In the street line"))
    fix = N_("Without it neither the post nor the collection partner finds the buyer.")
    return Point("house_number", False, N_("The house number is missing"), fix=fix, form="address")


def _zipcode(look: Look) -> Point:
    buyer = look.facts.buyer
    code = buyer.zipcode.strip()
    if not code:
        return Point("zipcode", False, N_("The postcode is missing"), form="address")
    if not postcode_ok(buyer.country, code):
        values = {"value": code, "country": buyer.country}
        return Point(
            "zipcode", False, N_("%(value)s is not a postcode of %(country)s"), values, form="address"
        )
    if buyer.undeliverable_on:
        return _came_back("zipcode", code, buyer.undeliverable_on)
    return _compare_city(code, buyer)


def _compare_city(code: str, buyer: BuyerFacts) -> Point:
    """Green, with a warning when the list does not know the code or knows it as another place's."""
    city, country, places = buyer.city.strip(), buyer.country, known_city(buyer.country, code)
    fix = N_("Please check postcode and city, the letter may come back. Dunning goes on.")
    if country in country_formats and not places:
        return Point(
            "zipcode", True, N_("%(value)s is not in the list of postcodes"), {"value": code}, fix=fix
        )
    if city and not city_matches(country, code, city):
        values = {"value": code, "places": ", ".join(places[:MOST_PLACES])}
        return Point("zipcode", True, N_("%(value)s belongs to %(places)s"), values, fix=fix)
    return Point("zipcode", True, N_("%(value)s"), {"value": code})


def _city(look: Look) -> Point:
    return _filled("city", look.facts.buyer.city, N_("The city is missing"))


def _country(look: Look) -> Point:
    country = look.facts.buyer.country.strip()
    if not country:
        return Point("country", False, N_("The country is missing"), form="address")
    ok = country in look.policy.claims.countries
    values = {"country": country, "countries": ", ".join(look.policy.claims.countries)}
    text = N_("%(country)s") if ok else N_("%(country)s: dunning works in %(countries)s")
    return Point("country", ok, text, values, form="" if ok else "address")


def _email(look: Look) -> Point:
    """Advisory: without a good address reminders are skipped and letters go by post only."""
    buyer = look.facts.buyer
    ok = email_ok(buyer.email) and not buyer.email_refused
    if ok:
        return Point("email", True, N_("%(value)s"), {"value": buyer.email}, blocks=False)
    text = N_("%(value)s does not work") if buyer.email.strip() else N_("No e-mail address")
    fix = N_("Reminders are skipped, letters go by post.")
    return Point("email", False, text, {"value": buyer.email}, fix=fix, blocks=False)


def _came_back(key: str, value: str, day: dt.date) -> Point:
    text = N_("%(value)s: a letter came back on %(day)s")
    fix = N_("Ask the buyer for the address: dunning goes on once it is corrected.")
    return Point(key, False, text, {"value": value, "day": day}, fix=fix, form="address")


def _filled(key: str, value: str, missing: str) -> Point:
    if value.strip():
        return Point(key, True, N_("%(value)s"), {"value": value.strip()})
    return Point(key, False, missing, form="address")
