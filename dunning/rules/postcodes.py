"""Postcodes of DE, AT, CH and LI: format, the Land a German one lies in, the places it belongs to.

A format error is an error; an unknown code or another city is only worth a warning, because the list
knows no large-customer and post-box codes. The list (ODbL, see data/postcodes.LICENSE.md) is read on
first use.
"""

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dunning.rules.names import fold

POSTCODE_FILE = Path(__file__).parent / "data" / "postcodes.csv"

country_formats = {
    "DE": re.compile(r"(?!00|01000|99999)[0-9]{5}"),
    "AT": re.compile(r"[1-9][0-9]{3}"),
    "CH": re.compile(r"[1-9][0-9]{3}"),
    "LI": re.compile(r"94(8[5-9]|9[0-8])"),
}
any_format = re.compile(r"[0-9A-Z][0-9A-Z -]{1,10}", re.IGNORECASE)


class Place(NamedTuple):
    """What one postcode stands for: its Länder (Germany only) and its city names."""

    lands: tuple[str, ...]
    names: tuple[str, ...]


def postcode_ok(country: str, code: str) -> bool:
    """True when the code has the format of its country (ISO-2); other countries are checked loosely."""
    return bool(country_formats.get(country, any_format).fullmatch(code))


def known_city(country: str, code: str) -> tuple[str, ...]:
    """The city names the list has for this postcode; empty when it does not know the code."""
    return find_place(country, code).names


def known_lands(code: str) -> tuple[str, ...]:
    """The Länder a German postcode lies in, as two-letter codes; empty when unknown."""
    return find_place("DE", code).lands


def city_matches(country: str, code: str, city: str) -> bool:
    """False only when the list knows the postcode and none of its places is called like that."""
    names = known_city(country, code)
    wanted = fold_name(city)
    return not names or any(starts_alike(wanted, fold_name(name)) for name in names)


def find_place(country: str, code: str) -> Place:
    """The list's entry, or an empty one."""
    return read_places().get((country, code), Place((), ()))


@cache
def read_places() -> dict[tuple[str, str], Place]:
    """The whole list, 13,586 codes, once per process."""
    with POSTCODE_FILE.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter=";")
        next(rows)
        return {
            (country, code): Place(split_list(lands), split_list(names))
            for country, code, lands, names in rows
        }


def split_list(field: str) -> tuple[str, ...]:
    """The parts of a `|` list; an empty field has none."""
    return tuple(field.split("|")) if field else ()


def fold_name(name: str) -> str:
    """Words in lower case without accents, `ue` as `u`, so that München, Muenchen and Munchen are one."""
    return fold(name).replace("ae", "a").replace("oe", "o").replace("ue", "u")


def starts_alike(one: str, other: str) -> bool:
    """True when one begins with the whole words of the other: Frankfurt, Frankfurt am Main."""
    short, long = sorted((one, other), key=len)
    return bool(short) and f"{long} ".startswith(f"{short} ")
