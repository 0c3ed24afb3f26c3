"""The printed letter: what stands where, what it says, and that a scanner can read it."""

import contextlib
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from dunning.outside.press.girocode import MOST_VERSION, QUIET_MODULES
from dunning.outside.press.letter_text import render_html, write_payload
from dunning.outside.press.press import LetterPress
from dunning.rules.letters.letter import Language, Letter, Line
from tests.outside.press.letter_builders import (
    BERGER,
    LONG,
    PRINCIPAL,
    a_business_letter,
    a_first_letter,
    a_letter_of_twelve_rates,
    a_position,
    a_second_letter,
)
from tests.outside.press.pdf_reading import (
    count_tags,
    decode_girocode,
    list_fonts,
    list_marks,
    measure_girocode,
    read_text,
    read_words,
    words_in,
)

ENDLESS = replace(LONG, last_name="von Hohenstein-Lüdershof und zu Eichenbarleben", country="CH")
SAMPLES = {
    "first, German": a_first_letter(),
    "first, English": a_first_letter(language="en"),
    "second, German": a_second_letter(),
    "second, English": a_second_letter(language="en"),
    "business, long address": a_business_letter(),
    "Switzerland, too long address": a_second_letter(recipient=ENDLESS),
}


@pytest.fixture(scope="module")
def press() -> Iterator[LetterPress]:
    press = LetterPress()
    yield press
    press.close()


@pytest.fixture(scope="module")
def printed(press: LetterPress) -> Callable[[str], bytes]:
    """The PDF of a sample, printed once."""
    known: dict[str, bytes] = {}

    def give(name: str) -> bytes:
        if name not in known:
            known[name] = press.render(SAMPLES[name])
        return known[name]

    return give


# --- Where things stand (DIN 5008 form B) ---


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_window_shows_return_line_and_recipient_alone(
    sample: str, printed: Callable[[str], bytes]
) -> None:
    html = render_html(SAMPLES[sample])
    wanted = (
        html.split('class="to')[1]
        .split(">", 1)[1]
        .split("</p>")[0]
        .replace("<br>", " ")
        .replace("&amp;", "&")
    )
    shown = words_in(printed(sample), 20, 45, 105, 90)
    recipient = [word["text"] for word in shown if word["top"] > 60]
    return_line = [word["text"] for word in shown if word["top"] <= 60]
    assert recipient == wanted.split()
    assert " ".join(return_line) == "Mahnlauf Demo GmbH · Musterallee 1 · 10115 Berlin"


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_franking_zone_is_blank(sample: str, printed: Callable[[str], bytes]) -> None:
    assert words_in(printed(sample), 20, 53, 105, 66) == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_recipient_stays_inside_its_field(sample: str, printed: Callable[[str], bytes]) -> None:
    for word in words_in(printed(sample), 20, 60, 105, 97):
        assert word["left"] >= 24.9, word
        assert word["right"] <= 100, word
        assert word["bottom"] <= 90.3, word  # the box below the baseline, not the ink


@pytest.mark.parametrize("sample", SAMPLES)
def test_all_text_keeps_the_margins(sample: str, printed: Callable[[str], bytes]) -> None:
    for word in read_words(printed(sample)):
        assert word["left"] >= 24.9, word
        assert word["right"] <= 200 if word["top"] < 90 else word["right"] <= 190.1, word
        assert word["bottom"] <= 287, word


@pytest.mark.parametrize("sample", SAMPLES)
def test_fold_marks_and_hole_mark_stand_where_they_are_used(
    sample: str, printed: Callable[[str], bytes]
) -> None:
    assert list_marks(printed(sample)) == [(3.5, 6.0, 105.0), (3.5, 6.0, 210.0), (3.5, 7.5, 148.5)]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_code_is_large_enough_to_be_scanned(sample: str, printed: Callable[[str], bytes]) -> None:
    width, modules = measure_girocode(printed(sample))
    quiet = 2 * QUIET_MODULES
    assert width * (modules - quiet) / modules >= 22
    assert (modules - quiet - 17) / 4 <= MOST_VERSION


@pytest.mark.parametrize("sample", SAMPLES)
def test_one_receivable_fits_on_one_page(sample: str, printed: Callable[[str], bytes]) -> None:
    assert len(PdfReader(io.BytesIO(printed(sample))).pages) == 1


def test_twelve_receivables_take_two_numbered_pages(press: LetterPress, tmp_path: Path) -> None:
    letter = a_letter_of_twelve_rates()
    pdf = press.render(letter)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert "Seite 1 von 2" in pages[0]
    assert "Seite 2 von 2" in pages[1]
    assert "2. Mahnung zu Bestellung M6B5zL7i" in pages[1]
    assert decode_girocode(pdf, tmp_path, page=2) == write_payload(letter)


# --- What it says ---


@pytest.mark.parametrize(
    ("sample", "amount", "deadline"),
    [
        ("first, German", "490,00 €", "Mittwoch, 23. September 2026"),
        ("first, English", "€490.00", "Wednesday, 23 Sep 2026"),
        ("second, German", "395,59 €", "Mittwoch, 2. Dezember 2026"),
        ("second, English", "€395.59", "Wednesday, 2 Dec 2026"),
        ("business, long address", "437,40 €", "Mittwoch, 2. Dezember 2026"),
    ],
)
def test_the_letter_says_what_how_much_until_when_and_where_to(
    sample: str, amount: str, deadline: str, printed: Callable[[str], bytes]
) -> None:
    text = read_text(printed(sample))
    for wanted in (amount, deadline, "DE02 1203 0000 0000 2020 51", "RF93 M202 6000 042", "M6B5zL7i"):
        assert wanted in text


def test_the_first_letter_is_free_and_says_when_default_begins(printed: Callable[[str], bytes]) -> None:
    text = read_text(printed("first, German"))
    assert "Diese Mahnung kostet Sie nichts" in text
    assert "Ab dem 24.09.2026 kommen dann Verzugszinsen von derzeit 6,52 % im Jahr" in text
    assert "Zahlungen sind bis 13.09.2026, 18:00 Uhr berücksichtigt" in text


def test_the_second_letter_shows_rate_basis_and_daily_interest(printed: Callable[[str], bytes]) -> None:
    text = read_text(printed("second, German"))
    assert "5 Prozentpunkte über dem Basiszinssatz (§ 288 Abs. 1 BGB)" in text
    assert "danach 0,07 € am Tag" in text
    assert "Verzugszinsen auf 391,58 € 12.10.–23.11.2026 43 6,52 % 3,01 €" in text
    assert "an Muster Inkasso GmbH, Hamburg" in text
    assert "30,90 €" in text
    assert "55,62 €" in text


def test_a_business_reads_of_nine_points_and_that_the_lump_sum_is_credited(
    printed: Callable[[str], bytes],
) -> None:
    text = read_text(printed("business, long address"))
    assert "9 Prozentpunkte über dem Basiszinssatz (§ 288 Abs. 2 BGB)" in text
    assert "Verzugspauschale, § 288 Abs. 5 BGB 23.11.2026 40,00 €" in text
    assert "Die Verzugspauschale wird darauf angerechnet" in text


@pytest.mark.parametrize(
    ("language", "lump_sum", "letters"),
    [
        ("de", "die Pauschale nach § 288 Abs. 5 BGB", "Kosten weiterer Briefe"),
        ("en", "the lump sum of section 288(5) BGB", "cost of further letters"),
    ],
)
def test_a_business_is_told_of_the_lump_sum_instead_of_the_cost_of_further_letters(
    language: Language, lump_sum: str, letters: str
) -> None:
    """§ 288(5) sentence 3 BGB: the lump sum is credited against them, a business pays no fee beside it."""
    html = render_html(a_first_letter(language=language, business=True))
    assert (lump_sum in html, letters in html) == (True, False)
    html = render_html(a_first_letter(language=language))
    assert (lump_sum in html, letters in html) == (False, True)


def test_an_emoji_in_a_products_name_brings_no_font_of_the_system_and_no_empty_box(tmp_path: Path) -> None:
    with contextlib.closing(LetterPress()) as press:
        pdf = press.render(a_first_letter(product_name="Kurs 🚀 für ✅️ mehr Erfolg ★"))
    assert "„Kurs für mehr Erfolg“" in read_text(pdf)
    assert all("Inter" in font[0] for font in list_fonts(pdf, tmp_path))


@pytest.mark.parametrize("name", ["علي محمد", "王小明"])
def test_a_name_our_fonts_cannot_write_brings_no_font_of_the_system_and_stays_what_it_is(
    tmp_path: Path, name: str
) -> None:
    with contextlib.closing(LetterPress()) as press:
        pdf = press.render(a_first_letter(recipient=replace(BERGER, last_name=name)))
    assert all("Inter" in font[0] for font in list_fonts(pdf, tmp_path))
    assert name in render_html(a_first_letter(recipient=replace(BERGER, last_name=name)))


@pytest.mark.parametrize(
    ("language", "silence"), [("de", "nichts von Ihnen gehört"), ("en", "had no answer")]
)
def test_whoever_has_paid_a_part_is_not_told_that_nothing_was_heard(language: Language, silence: str) -> None:
    position = a_position(PRINCIPAL, Line(kind="payment", cents=-100_00, on=dt.date(2026, 9, 10)))
    html = render_html(a_first_letter(language=language, positions=(position,)))
    assert silence not in html
    assert {"de": "daran haben wir am 09.09.2026 erinnert", "en": "as we reminded you on 9 Sep 2026"}[
        language
    ] in html
    assert silence in render_html(a_first_letter(language=language))


def test_before_the_first_fee_table_only_further_costs_are_named() -> None:
    html = render_html(a_second_letter(collection_costs=None))
    assert "weitere Kosten hinzu" in html
    assert "Inkassokosten" not in html


def test_without_a_handover_none_is_announced() -> None:
    html = render_html(a_second_letter(partner=None, collection_costs=None))
    assert "Inkasso" not in html
    assert "wird Ihre Bestellung nach dieser Frist ohne weitere Ankündigung gekündigt" in html


def test_an_instalment_says_which_of_how_many() -> None:
    position = replace(a_position(PRINCIPAL), invoice="", invoice_date=None, rate_number=2, rates=6)
    html = render_html(a_first_letter(positions=(position,)))
    assert "<h1>1. Mahnung: Rate 2 von 6 Ihrer Bestellung M6B5zL7i vom 04.09.2026</h1>" in html
    assert "Rate 2 von 6, Bestellung vom 04.09.2026" in " ".join(html.split())


def test_every_kind_of_line_has_its_words() -> None:
    day = dt.date(2026, 10, 1)
    kinds = ("payment", "refund", "chargeback", "reversal", "remainder_forgiven")
    lines = (PRINCIPAL, *(Line(kind=kind, cents=-1, on=day) for kind in kinds))
    html = render_html(
        a_second_letter(
            positions=(a_position(*lines),), charges=(Line(kind="return_fee", cents=300, on=day),)
        )
    )
    for label in (
        "Ihre Zahlung, danke",
        "Gutschrift",
        "Rückbuchung",
        "Korrektur",
        "Erlassener",
        "Bankkosten",
    ):
        assert label in html


@pytest.mark.parametrize("language", ["de", "en"])
def test_missing_particulars_leave_no_empty_label(language: str) -> None:
    creditor = replace(a_first_letter().creditor, phone="", website="", register="", vat_id="", bic="")
    letter = a_first_letter(language=language, creditor=creditor, product_name="", reminded_on=None)
    html = render_html(letter)
    for label in ("Telefon", "Phone", "USt-IdNr.", "VAT ID", "BIC", "„“", "“”"):
        assert label not in html


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [
        ("Łukasz", "Žižek"),
        ("Şükrü", "Ağaoğlu"),
        ("Αθήνα", "Παπαδοπούλου"),
        ("Київ", "Щербак"),
        ("Bjørn", "Ðorđević"),
    ],
)
def test_names_of_other_scripts_are_printed_as_written(
    first_name: str, last_name: str, press: LetterPress, tmp_path: Path
) -> None:
    pdf = press.render(a_first_letter(recipient=replace(BERGER, first_name=first_name, last_name=last_name)))
    assert [word["text"] for word in words_in(pdf, 20, 66, 105, 71)] == [first_name, last_name]
    assert f"Guten Tag {first_name} {last_name}," in read_text(pdf)
    assert all("Inter" in font[0] for font in list_fonts(pdf, tmp_path))


def test_letters_printed_in_a_row_name_nobody_elses_order_nor_name(press: LetterPress) -> None:
    everybody = {"M6B5zL7i": "Łukasz Žižek", "K9tRw2Qx": "Київ Щербак", "Zz0Yy1Xx": "Şükrü Ağaoğlu"}
    for order_id, name in everybody.items():
        first_name, last_name = name.split()
        recipient = replace(BERGER, first_name=first_name, last_name=last_name)
        for letter in (a_first_letter, a_second_letter):
            text = read_text(press.render(letter(order_id=order_id, recipient=recipient)))
            assert [known for known in everybody if known in text] == [order_id]
            assert [known for known in everybody.values() if known in text] == [name]


# --- For machines ---


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_scanner_reads_the_exact_payment(
    sample: str, printed: Callable[[str], bytes], tmp_path: Path
) -> None:
    payload = decode_girocode(printed(sample), tmp_path)
    assert payload == write_payload(SAMPLES[sample])
    assert payload.splitlines()[4:8] == [
        "BYLADEM1001",
        "Mahnlauf Demo GmbH",
        "DE02120300000000202051",
        f"EUR{SAMPLES[sample].total / 100:.2f}",
    ]


@pytest.mark.parametrize("cents", [1, 999_999_99])
def test_the_smallest_and_the_largest_amount_can_be_scanned(
    cents: int, press: LetterPress, tmp_path: Path
) -> None:
    letter = a_first_letter(positions=(a_position(replace(PRINCIPAL, cents=cents)),))
    assert decode_girocode(press.render(letter), tmp_path) == write_payload(letter)


@pytest.mark.parametrize("sample", SAMPLES)
def test_all_fonts_are_embedded_with_their_unicode_map(
    sample: str, printed: Callable[[str], bytes], tmp_path: Path
) -> None:
    fonts = list_fonts(printed(sample), tmp_path)
    assert len(fonts) == 2
    for name, *rest in fonts:
        assert "Inter" in name
        assert rest[-5:-2] == ["yes", "yes", "yes"]


@pytest.mark.parametrize(
    ("sample", "language", "title"),
    [
        ("first, German", "de", "1. Mahnung zu Bestellung M6B5zL7i vom 14.09.2026"),
        ("first, English", "en", "First reminder for order M6B5zL7i of 14 Sep 2026"),
        ("second, German", "de", "2. Mahnung zu Bestellung M6B5zL7i vom 23.11.2026"),
        ("second, English", "en", "Second reminder for order M6B5zL7i of 23 Nov 2026"),
    ],
)
def test_the_pdf_is_tagged_titled_and_marked_for_the_archive(
    sample: str, language: str, title: str, printed: Callable[[str], bytes]
) -> None:
    reader = PdfReader(io.BytesIO(printed(sample)))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == title
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in xmp.replace("\n", "") or 'pdfaid:part="3"' in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp or 'pdfaid:conformance="A"' in xmp


@pytest.mark.parametrize("sample", ["first, German", "second, English"])
def test_the_tags_name_heading_paragraphs_table_and_picture(
    sample: str, printed: Callable[[str], bytes]
) -> None:
    tags = count_tags(printed(sample))
    assert tags["/H1"] == 1
    assert tags["/Table"] >= 1
    assert tags["/TR"] > 1
    assert tags["/P"] > 5
    assert tags["/Figure"] == 1


@pytest.mark.parametrize("sample", ["first, German", "second, English"])
def test_the_numbers_are_attached_for_machines(sample: str, printed: Callable[[str], bytes]) -> None:
    attachments = PdfReader(io.BytesIO(printed(sample))).attachments
    claim = json.loads(attachments["claim.json"][0])
    assert claim["total"] == SAMPLES[sample].total
    assert claim["deadline"] == SAMPLES[sample].deadline.isoformat()
    assert [line["cents"] for line in claim["positions"][0]["lines"]] == [
        line.cents for line in SAMPLES[sample].positions[0].lines
    ]


# --- The same bytes ---


def test_the_same_letter_is_the_same_bytes_again_and_in_another_process(
    press: LetterPress, printed: Callable[[str], bytes]
) -> None:
    letter: Letter = SAMPLES["second, German"]
    once = printed("second, German")
    assert press.render(Letter.from_json(letter.to_json())) == once
    other = LetterPress()
    try:
        other.render(SAMPLES["business, long address"])
        assert other.render(letter) == once
    finally:
        other.close()


def test_another_letter_is_other_bytes(printed: Callable[[str], bytes]) -> None:
    assert printed("second, German") != printed("second, English")
