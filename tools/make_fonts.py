"""Make the fonts of letters and pages from the variable Inter (run by hand, result is committed).

Letters need static faces: WeasyPrint instantiates a variable font anew for each letter, which costs
time and writes the clock into the PDF. Pages get one variable face per subset with the weights and
characters they use: a third of the bytes of the published files. Usage, with npm's
`@fontsource-variable/inter` 5.3.0 unpacked:

    .venv/bin/python tools/make_fonts.py PACKAGE_FOLDER letters/fonts static/fonts

The same input gives the same bytes.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

SUBSETS = ("latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext")
WEIGHTS = (400, 600)
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"]
# what tells 0 O 1 l I apart in order IDs
PAGE_FEATURES = [*FEATURES, "calt", "ss02", "zero", "cv05", "cv08"]
PAGE_WEIGHTS = (400, 700)
# Latin Extended-A, the Romanian letters and the capital sharp s; all that `latin` has
PAGE_CHARACTERS = {"latin": None, "latin-ext": [*range(0x100, 0x180), *range(0x218, 0x21C), 0x1E9E]}


def make_face(source: Path, weight: int, target: Path) -> None:
    """Write one static TTF of ``weight`` with all characters of ``source`` and only the letter's features."""
    variable = TTFont(source, recalcTimestamp=False)
    face = instancer.instantiateVariableFont(variable, {"wght": weight}, static=True)
    options = Options(layout_features=FEATURES, recalc_timestamp=False, name_IDs=["*"], notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=face.getBestCmap())
    subsetter.subset(face)
    face.flavor = None
    face.save(target)


def make_page_face(source: Path, characters: list[int] | None, target: Path) -> None:
    """Write one variable WOFF2 of the page weights with these characters, or all of ``source``."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options(
        layout_features=PAGE_FEATURES, recalc_timestamp=False, name_IDs=["*"], notdef_outline=True
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters or font.getBestCmap())
    subsetter.subset(font)
    # the instancer wants a font it has read whole
    plain = BytesIO()
    font.flavor = None
    font.save(plain)
    face = instancer.instantiateVariableFont(TTFont(plain, recalcTimestamp=False), {"wght": PAGE_WEIGHTS})
    face.flavor = "woff2"
    face.save(target)


def make_pages(package: Path, folder: Path) -> None:
    """Write the two page fonts into ``folder``."""
    for subset, characters in PAGE_CHARACTERS.items():
        source = package / "files" / f"inter-{subset}-wght-normal.woff2"
        make_page_face(source, characters, folder / f"inter-{subset}-400-700.woff2")


def make_all(package: Path, folder: Path) -> None:
    """Write the ten letter faces into ``folder``, replacing what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for subset in SUBSETS:
        source = package / "files" / f"inter-{subset}-wght-normal.woff2"
        for weight in WEIGHTS:
            make_face(source, weight, folder / f"inter-{subset}-{weight}.ttf")


if __name__ == "__main__":
    make_all(Path(sys.argv[1]), Path(sys.argv[2]))
    make_pages(Path(sys.argv[1]), Path(sys.argv[3]))
