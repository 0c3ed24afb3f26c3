"""Courts and companies as the German dunning procedure names them, from `data/courts.toml`.

The central court goes by the applicant's Land (§ 689(2), (3) ZPO); should the respondent object, the case goes to the
court of the respondent's seat (§ 690(1) no. 5, §§ 12, 13 ZPO). Values are cents, days local dates.
"""

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dunning.rules.postcodes import known_lands

COURT_FILE = Path(__file__).parents[1] / "data" / "courts.toml"
# `Geschäftsführung: Erika Muster · Amtsgericht …`, as companies name their head in a letter's footer (§ 35a GmbHG)
HEAD = re.compile(
    r"(Geschäftsführ(?:ung|er|erin)|Vorstand|Inhaber(?:in)?|Managing directors?):\s*([^·|;]+)", re.IGNORECASE
)
SHORT_FORM = 2  # letters: "AG" is one only so and at the end of a name, "GmbH" anywhere in any spelling


@dataclass(frozen=True)
class Court:
    """A central dunning court with the postcode of its large-customer address."""

    name: str
    zipcode: str
    city: str
    lands: tuple[str, ...]
    # the first digits it is confined to; empty: all of its Länder
    postcodes: tuple[str, ...] = ()
    # also for applicants without a seat in Germany
    abroad: bool = False

    def serves(self, land: str, zipcode: str) -> bool:
        return land in self.lands and (not self.postcodes or zipcode.startswith(self.postcodes))


@dataclass(frozen=True)
class LegalForm:
    """How a company's name ends, and as what its head signs; an owner-run business has no head."""

    ending: str
    head: str = ""


@dataclass(frozen=True)
class CatalogueEntry:
    """A number of the Hauptforderungskatalog and its name there."""

    number: int
    name: str


DATA: dict[str, Any] = tomllib.loads(COURT_FILE.read_text(encoding="utf-8"))
COURTS = tuple(
    Court(**row | {key: tuple(row.get(key, ())) for key in ("lands", "postcodes")}) for row in DATA["courts"]
)
LEGAL_FORMS = tuple(LegalForm(**row) for row in DATA["legal_forms"])
SALE = CatalogueEntry(**DATA["catalogue"]["sale"])
SERVICE = CatalogueEntry(**DATA["catalogue"]["service"])


def find_court(country: str, zipcode: str) -> Court | None:
    """The court for an applicant with this seat; None when the postcode does not tell which of several it is."""
    if country != "DE":
        return next(court for court in COURTS if court.abroad)
    lands = known_lands(zipcode)
    found = {next(court for court in COURTS if court.serves(land, zipcode)) for land in lands}
    return found.pop() if len(found) == 1 else None


def name_trial_court(value: int, on: dt.date) -> str:
    """Which kind of court decides when the respondent objects (§§ 23, 71 GVG)."""
    limit: int = next(row["up_to"] for row in DATA["local_courts"] if row["valid_from"] <= on)
    return "Amtsgericht" if value <= limit else "Landgericht"


def find_legal_form(company: str) -> LegalForm | None:
    """The form a company's name says, with dots and blanks or without; None when it says none."""
    return next((form for form in LEGAL_FORMS if _says_form(company, form.ending)), None)


def _says_form(company: str, ending: str) -> bool:
    letters = r"\.?\s*".join(re.escape(part) for part in re.split(r"\.\s*", ending))
    if len(ending) <= SHORT_FORM:
        return bool(re.search(rf"(?<!\w){letters}\s*$", company))
    return bool(re.search(rf"(?<!\w){letters}(?!\w)", company, re.IGNORECASE))


def find_head(register: str) -> str:
    """The persons a company's footer names as its head; empty when it names none."""
    found = HEAD.search(register)
    return found[2].strip() if found else ""
