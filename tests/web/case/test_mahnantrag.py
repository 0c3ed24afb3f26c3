"""The Mahnantrag's data sheet: who may read it, what it says in both languages, and its PDF read back."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from shutil import copy

import pytest
from flask import Flask
from pypdf import PdfReader

from dunning import create_app
from dunning.actions.at_partner.end_mandate import end_mandate
from dunning.records import db
from dunning.settings import Settings
from tests.builders import (
    DUE,
    a_case,
    a_desk,
    a_user,
    a_vendor,
    after,
    an_order_row,
    find_case,
    find_receivable,
    import_rows,
    order_of,
    pay,
    play_until,
    read_case,
)
from tests.conftest import Browser, QuickPress
from tests.outside.press.pdf_reading import list_fonts, read_text
from tests.web.world import part_of, text_of

COURT = {"incasso_schema": 3}
# name -> details of the order; all are handed over under the court scheme unless said otherwise
CASES: dict[str, dict] = {
    "consumer": {"last_name": "Łódź"},
    "company": {"company": "Muster Handels GmbH"},
    "abroad": {"country": "AT", "zipcode": "1010", "city": "Wien"},
    "hostile": {"last_name": "<script>alert(1)</script>"},
    "collection": {},
    "young": {"order_date": after(20)},
}
COLLECTION = ("collection", "young")  # without the court


@dataclass(frozen=True)
class Desk:
    """An app with the cases of CASES by their names; tests only read."""

    app: Flask
    cases: dict[str, int]

    def log_in(self, name: str, role: str = "vendor", language: str = "de") -> Browser:
        """A browser of somebody of the case's vendor, or of the staff."""
        browser = self.app.test_client()
        log_in(browser, self.cases[name], role)
        browser.set_cookie("lang", language)
        return browser

    def read(self, name: str, language: str = "de") -> str:
        """The page's source as the vendor reads it."""
        answer = self.log_in(name, language=language).get(self.url(name))
        assert answer.status_code == 200
        return answer.text

    def url(self, name: str, *, staff: bool = False, suffix: str = "") -> str:
        return url_of(self.cases[name], staff=staff, suffix=suffix)


@pytest.fixture(scope="module")
def played(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Played once for the module, in a home of its own."""
    home = tmp_path_factory.mktemp("mahnantrag")
    copy(sqlite_template, home / "dunning.db")
    app = create_app(Settings.from_environment({"DUNNING_HOME": str(home)}))
    app.test_client_class = Browser
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("dunning.jobs.ways.channels.LetterPress", QuickPress)
        court, collection = a_vendor(**COURT), a_vendor()
        rows = [
            an_order_row(
                collection if name in COLLECTION else court,
                **{"order_id": name.upper(), "amount_cents": 490_00} | details,
            )
            for name, details in CASES.items()
        ]
        import_rows(*rows, on=DUE)
        play_until(after(36))
        cases = {name: find_case(find_receivable(name.upper())) for name in CASES}
        db.session.remove()
    return Desk(app, cases)


@pytest.fixture
def desk(played: Desk) -> Iterator[Desk]:
    """The played cases with the app's context pushed."""
    with played.app.app_context():
        yield played
        db.session.remove()


def url_of(case_id: int, *, staff: bool = False, suffix: str = "") -> str:
    return f"{'/admin' if staff else ''}/cases/{case_id}/mahnantrag{suffix}"


def log_in(client: Browser, case_id: int, role: str = "vendor") -> Browser:
    """Somebody of the case's vendor, or of the staff."""
    vendor_id = read_case(case_id).vendor_id if role == "vendor" else None
    client.login_as(a_user(role, vendor_id=vendor_id))
    return client


# who ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick_press")
def test_the_vendor_reads_it_on_both_databases_and_nobody_elses_vendor_does(
    each_app: Flask, client: Browser
) -> None:
    case_id = a_case("handed_over", vendor=COURT)
    assert log_in(client, case_id).get(url_of(case_id)).status_code == 200
    client.login_as(a_user("vendor"))
    for suffix in ("", ".pdf"):
        assert client.get(url_of(case_id, suffix=suffix)).status_code == 404
        assert client.get(url_of(case_id, staff=True, suffix=suffix)).status_code == 404


def test_a_stranger_is_asked_to_log_in(desk: Desk) -> None:
    stranger = desk.app.test_client()
    for suffix in ("", ".pdf"):
        assert stranger.get(desk.url("consumer", suffix=suffix)).status_code == 303
        assert stranger.get(desk.url("consumer", staff=True, suffix=suffix)).status_code == 303


def test_under_another_scheme_only_support_reads_it_and_only_after_the_handover(desk: Desk) -> None:
    vendor, staff = desk.log_in("collection"), desk.log_in("collection", "support")
    for suffix in ("", ".pdf"):
        assert vendor.get(desk.url("collection", suffix=suffix)).status_code == 404
        assert staff.get(desk.url("young", staff=True, suffix=suffix)).status_code == 404
    assert staff.get(desk.url("collection", staff=True)).status_code == 200
    assert staff.get(desk.url("collection")).status_code == 404


@pytest.mark.parametrize("number", ["0", "4711", "99999999999999999999", "x"])
def test_a_case_that_is_not_there_has_no_sheet(desk: Desk, number: str) -> None:
    staff = desk.log_in("consumer", "support")
    for suffix in ("", ".pdf"):
        assert staff.get(f"/admin/cases/{number}/mahnantrag{suffix}").status_code == 404


def test_the_case_page_leads_there_when_there_is_something_to_read(desk: Desk) -> None:
    court, collection = desk.cases["consumer"], desk.cases["collection"]
    assert desk.url("consumer") in desk.log_in("consumer").get(f"/cases/{court}").text
    assert "mahnantrag" not in desk.log_in("collection").get(f"/cases/{collection}").text
    staff = desk.log_in("collection", "support")
    assert desk.url("collection", staff=True) in staff.get(f"/admin/cases/{collection}").text


# what -----------------------------------------------------------------------------------------------------


def list_headings(source: str) -> list[str]:
    """The German terms of the parts, in their order."""
    return re.findall(r'<h2 id="part-\d+"><span lang="de">([^<]+)', source)


ORDER_OF_FORM = [
    "Zuständiges Mahngericht",
    "Prozessbevollmächtigter",
    "Antragsteller",
    "Antragsgegner",
    "Hauptforderung",
    "Zinsen",
    "Auslagen und Nebenforderungen",
    "Allgemeine Angaben",
    "Summe",
]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_parts_stand_in_the_order_of_the_form_in_its_own_words(desk: Desk, language: str) -> None:
    assert list_headings(desk.read("consumer", language)) == ORDER_OF_FORM


def test_a_consumers_claim_is_written_down_to_the_cent(desk: Desk) -> None:
    source = desk.read("consumer")
    court, _, applicant, respondent, principal, interest, side, general, total = (
        text_of(part_of(source, f"part-{n}")) for n in range(1, 10)
    )
    assert "Amtsgericht Wedding, 13343 Berlin" in court
    assert "Gerichtskosten 38,00 €" in court
    assert "Firma Mahnlauf Demo GmbH Rechtsform GmbH Gesetzlicher Vertreter Erika Muster" in applicant
    assert "DE02 1203 0000 0000 2020 51" in applicant
    assert "Vor- und Nachname Anna Łódź Straße, Hausnummer Am Beispielbach 4" in respondent
    assert "Katalog-Nr. 11 Kaufvertrag" in principal
    assert "Bestellung CONSUMER" in principal
    assert "vom 02.01.2026 Betrag 490,00 €" in principal
    assert "5 Prozentpunkte über dem Basiszinssatz, jährlich" in interest
    assert "aus Betrag 490,00 € ab 20.01.2026" in interest
    assert "Mahnkosten 1,00 € Inkassokosten 55,62 €" in side
    assert "Amtsgericht, 80804 München" in general
    assert "hängt von einer Gegenleistung ab; diese ist bereits erbracht" in general
    assert "Ich beantrage, aufgrund der vorstehenden Angaben einen Mahnbescheid zu erlassen" in general
    assert "584,62 €" in total


def test_nothing_is_missing_of_a_consumers_claim_and_a_companys_head_is(desk: Desk) -> None:
    assert "Es fehlt nichts" in part_of(desk.read("consumer"), "missing")
    source = desk.read("company")
    assert "GmbH: Wer für die Firma handelt, ist nicht bekannt" in text_of(part_of(source, "missing"))
    assert "Verzugspauschale 40,00 € Inkassokosten 15,62 €" in text_of(source)


@pytest.mark.parametrize(
    ("language", "words"), [("de", "deutsche Mahnverfahren"), ("en", "German procedure is not the way")]
)
def test_of_a_buyer_abroad_it_is_said_plainly(desk: Desk, language: str, words: str) -> None:
    missing = text_of(part_of(desk.read("abroad", language), "missing"))
    assert words in missing
    assert "1896/2006" in missing


def test_that_it_is_no_legal_advice_is_said_once(desk: Desk) -> None:
    assert desk.read("consumer").count("keine Rechtsberatung") == 1
    assert desk.read("consumer", "en").count("no legal advice") == 1


def test_an_english_page_explains_the_forms_german_terms(desk: Desk) -> None:
    text = text_of(desk.read("consumer", "en"))
    assert "Antragsgegner Respondent" in text
    assert "Hauptforderung Principal claim" in text
    assert "Betrag Amount €490.00" in text


def test_names_are_text_and_never_markup(desk: Desk) -> None:
    source = desk.read("hostile")
    assert "&lt;script&gt;alert(1)" in source
    assert "<script>alert" not in source


@pytest.mark.usefixtures("quick_press")
def test_after_a_part_payment_and_the_partners_end_the_vendor_applies_alone_for_the_rest(
    app: Flask, client: Browser
) -> None:
    case_id = a_case("handed_over", vendor=COURT, amount_cents=490_00)
    assert "Muster Inkasso GmbH" in part_of(log_in(client, case_id).get(url_of(case_id)).text, "part-2")
    pay(order_of(case_id).order_id, 200_00, dt.date(2026, 3, 2))
    end_mandate(case_id, a_desk(after(60)), terminated=False, reason="nothing to seize")
    source = client.get(url_of(case_id)).text
    assert "keiner" in part_of(source, "part-2")
    assert "Ausgerechnete Zinsen" in source
    assert "02.03.2026 bis" in text_of(part_of(source, "part-6"))


# the PDF --------------------------------------------------------------------------------------------------


def test_the_pdf_says_what_the_page_says_tagged_and_the_same_each_time(desk: Desk, tmp_path: Path) -> None:
    vendor, url = desk.log_in("consumer"), desk.url("consumer", suffix=".pdf")
    answer = vendor.get(url)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert (
        answer.headers["Content-Disposition"] == f'inline; filename="mahnantrag-{desk.cases["consumer"]}.pdf"'
    )
    assert answer.headers["Cache-Control"] == "private, no-store"
    text = read_text(answer.data).replace("\N{NO-BREAK SPACE}", " ")
    for words in (*ORDER_OF_FORM, "Anna Łódź", "490,00 €", "Amtsgericht Wedding", "keine Rechtsberatung"):
        assert words in text
    assert PdfReader(BytesIO(answer.data)).trailer["/Root"]["/MarkInfo"]["/Marked"]
    fonts = list_fonts(answer.data, tmp_path)
    assert fonts
    assert all(font[-5:-2] == ["yes", "yes", "yes"] for font in fonts)  # embedded, subset, with a Unicode map
    assert vendor.get(url).data == answer.data
