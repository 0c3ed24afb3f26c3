"""Both letters in both languages, eight cases each, as pictures to compare and to look at.

`python -m tests.outside.press.letter_gallery` renews the references in tests/outside/press/gallery; look at the contact
sheet it names before they are committed.
"""

import contextlib
import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from dunning.outside.press.press import LetterPress
from dunning.rules.letters.letter import Interest, Letter, Recipient
from dunning.rules.money.costs import collection_costs
from tests.outside.press.letter_builders import (
    BERGER,
    FEE,
    LONG,
    LUMP_SUM,
    PRINCIPAL,
    SECOND_DAY,
    a_first_letter,
    a_letter_of_twelve_rates,
    a_position,
    a_second_letter,
    interest_lines,
)
from tests.outside.press.pdf_reading import run_poppler

REFERENCES = Path(__file__).parent / "gallery"
SHEET = Path(__file__).parents[3] / "var" / "letter-gallery.png"
DPI = 40
GREYS = 16
GROUND = 190
SHEET_COLUMNS = 8
DEFAULT_DAY = dt.date(2026, 9, 24)

AUSTRIAN = replace(
    BERGER, street="Mariahilfer Straße", house_number="1/2/3", zipcode="1060", city="Wien", country="AT"
)
FIRM = replace(BERGER, company="Muster Handels GmbH")
MANY_SCRIPTS = Recipient(
    company="Παπαδοπούλου & Щербак",
    first_name="Łukasz",
    last_name="Żółkiewski-Ağaoğlu",
    street="İstiklal Caddesi",
    house_number="7",
    zipcode="02-495",
    city="Łódź",
    country="PL",
)


def a_letter_over(cents: int, language: str, kind: str) -> Letter:
    """Nothing but this principal."""
    make = a_first_letter if kind == "first" else a_second_letter
    return make(language=language, positions=(a_position(replace(PRINCIPAL, cents=cents)),), charges=())


def a_rich_letter(language: str, kind: str) -> Letter:
    """999,999.99 € in all, the widest amount in every column."""
    if kind == "first":
        return a_letter_over(999_999_99, language, kind)
    principal = 989_220_02
    lines = (replace(PRINCIPAL, cents=principal), *interest_lines(principal, DEFAULT_DAY, SECOND_DAY))
    return a_second_letter(
        language=language,
        positions=(a_position(*lines),),
        charges=(FEE,),
        interest=Interest(points=5, rate=Decimal("6.52"), daily_cents=176_70),
        collection_costs=collection_costs(principal, SECOND_DAY, with_vat=False),
    )


def a_firms_letter(language: str, kind: str) -> Letter:
    """A business: nine points, and in the second letter the lump sum."""
    interest = Interest(points=9, rate=Decimal("10.52"), daily_cents=14)
    if kind == "first":
        return a_first_letter(language=language, recipient=FIRM, business=True, interest=interest)
    lines = (PRINCIPAL, *interest_lines(490_00, DEFAULT_DAY, SECOND_DAY, points=9))
    return a_second_letter(
        language=language,
        recipient=FIRM,
        business=True,
        positions=(a_position(*lines),),
        charges=(LUMP_SUM,),
        interest=interest,
    )


def a_long_plan(language: str, kind: str) -> Letter:
    """Twelve instalments; of a first letter without interest."""
    second = replace(a_letter_of_twelve_rates(), language=language)
    if kind == "second":
        return second
    positions = tuple(replace(position, lines=position.lines[:1]) for position in second.positions)
    return a_first_letter(language=language, positions=positions, product_name=second.product_name)


def address(recipient: Recipient) -> Callable[[str, str], Letter]:
    """The normal letter to somebody else."""

    def make(language: str, kind: str) -> Letter:
        plain = a_first_letter if kind == "first" else a_second_letter
        return plain(language=language, recipient=recipient)

    return make


CASES: dict[str, Callable[[str, str], Letter]] = {
    "normal": address(BERGER),
    "long-address": address(LONG),
    "twelve-rates": a_long_plan,
    "one-cent": lambda language, kind: a_letter_over(1, language, kind),
    "most": a_rich_letter,
    "austria": address(AUSTRIAN),
    "business": a_firms_letter,
    "scripts": address(MANY_SCRIPTS),
}
SAMPLES: dict[str, Letter] = {
    f"{kind}-{language}-{case}": make(language, kind)
    for kind in ("first", "second")
    for language in ("de", "en")
    for case, make in CASES.items()
}


def draw_letter(pdf: bytes, folder: Path) -> Image.Image:
    """All pages beside each other, in few greys."""
    for old in folder.glob("page*.pgm"):
        old.unlink()
    run_poppler(["pdftoppm", "-r", str(DPI), "-gray", "{pdf}", str(folder / "page")], pdf, folder)
    pages = [Image.open(file) for file in sorted(folder.glob("page*.pgm"))]
    step = 255 / (GREYS - 1)
    return paste_row(pages).point(lambda grey: int(round(grey / step) * step))


def draw_samples(press: LetterPress, folder: Path) -> dict[str, Image.Image]:
    """Each sample's picture by its name."""
    return {name: draw_letter(press.render(letter), folder) for name, letter in SAMPLES.items()}


def read_reference(name: str) -> Image.Image:
    """The picture as it was looked at and committed."""
    return Image.open(REFERENCES / f"{name}.png").convert("L")


def measure_difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of the mean grey of a spot of 5 by 5 pixels, 0 to 255; other sizes differ wholly.

    A spot is about 3 mm wide: smoothing that another version of the renderer does otherwise vanishes in it.
    """
    if one.size != other.size:
        return 255
    spot = ImageFilter.BoxBlur(2)
    return ImageChops.difference(one.filter(spot), other.filter(spot)).getextrema()[1]


def write_sheet(pictures: dict[str, Image.Image]) -> Path:
    """All letters on one sheet to look at."""
    tiles = [name_tile(name, picture) for name, picture in pictures.items()]
    rows = [paste_row(tiles[at : at + SHEET_COLUMNS]) for at in range(0, len(tiles), SHEET_COLUMNS)]
    sheet = Image.new("L", (max(row.width for row in rows), sum(row.height for row in rows)), GROUND)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    SHEET.parent.mkdir(exist_ok=True)
    sheet.save(SHEET)
    return SHEET


def paste_row(pictures: list[Image.Image]) -> Image.Image:
    """Pictures side by side, aligned at the top."""
    row = Image.new("L", (sum(p.width for p in pictures), max(p.height for p in pictures)), GROUND)
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width
    return row


def name_tile(name: str, picture: Image.Image) -> Image.Image:
    """The picture on a grey ground with its name above."""
    tile = Image.new("L", (picture.width + 8, picture.height + 24), GROUND)
    tile.paste(picture, (4, 20))
    ImageDraw.Draw(tile).text((4, 4), name, fill=0)
    return tile


def main() -> None:
    """Renews the references."""
    REFERENCES.mkdir(exist_ok=True)
    press = LetterPress()
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(press):
        pictures = draw_samples(press, Path(folder))
    for name, picture in pictures.items():
        picture.save(REFERENCES / f"{name}.png", optimize=True)
    print(f"{len(pictures)} references renewed; look at {write_sheet(pictures)}")


if __name__ == "__main__":
    main()
