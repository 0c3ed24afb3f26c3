"""The address form of the eligibility panel: what was typed, and what the same points say of it."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from dunning.actions.case.correct_address import Address
from dunning.desk import Desk
from dunning.rules.course import buyer_points
from dunning.rules.course.eligibility import ADDRESS_POINTS
from dunning.rules.course.points import Look
from dunning.rules.facts import BuyerFacts, Facts
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_country
from dunning.web.words.point_labels import describe_point

LONGEST_FIELD = 200
FIELDS = ("street", "house_number", "details", "zipcode", "city", "country_code")


def fill_address(buyer: BuyerFacts) -> Form:
    """The address as it is."""
    return Form(
        "address",
        {
            "street": buyer.street,
            "house_number": buyer.house_number,
            "details": buyer.details,
            "zipcode": buyer.zipcode,
            "city": buyer.city,
            "country_code": buyer.country,
        },
    )


def type_address(sent: Mapping[str, str]) -> Form:
    """The address as it came in, with single blanks."""
    form = Form.typed("address", sent, FIELDS)
    return Form(form.name, {name: " ".join(text.split()) for name, text in form.values.items()})


def read_address(form: Form) -> Address:
    """The address that was typed."""
    named = dict(form.values)
    return Address(country=named.pop("country_code"), **named)


def check_address(form: Form, facts: Facts, desk: Desk) -> bool:
    """Whether the address will do: asked of the same points that guard Start."""
    buyer = replace(facts.buyer, **asdict(read_address(form)))
    if buyer != facts.buyer:  # where the letter came back from is not where the next one goes
        buyer = replace(buyer, undeliverable_on=None)
    look = Look(replace(facts, buyer=buyer), desk.policy, desk.today)
    red = {point.key: point for point in buyer_points.check_buyer(look) if not point.ok}
    for name, value in form.values.items():
        key = "country" if name == "country_code" else name
        if len(value) > LONGEST_FIELD or not value.isprintable():
            form.refuse(name, _("At most %(most)s letters and digits.", most=LONGEST_FIELD))
        elif key in ADDRESS_POINTS and key in red:
            form.refuse(name, describe_point(red[key]))
    return not form.errors


def list_countries(codes: tuple[str, ...], present: str) -> tuple[tuple[str, str], ...]:
    """The countries to choose from, by name, in the policy's order; the present one too, when it is another."""
    named = tuple((code, write_country(code)) for code in codes)
    if present in codes:
        return named
    return ((present, write_country(present) if present else _("Please choose")), *named)
