"""Make the static letter fonts from the variable Inter (run by hand, result is committed).

Letters need static faces: WeasyPrint instantiates a variable font anew for each letter, which costs
time and writes the clock into the PDF. Usage, with npm's `@fontsource-variable/inter` 5.3.0 unpacked:

    .venv/bin/python tools/make_fonts.py PACKAGE_FOLDER letters/fonts

The same input gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

SUBSETS = ("latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext")
WEIGHTS = (400, 600)
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"]


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


def make_all(package: Path, folder: Path) -> None:
    """Write the ten faces into ``folder``, replacing what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for subset in SUBSETS:
        source = package / "files" / f"inter-{subset}-wght-normal.woff2"
        for weight in WEIGHTS:
            make_face(source, weight, folder / f"inter-{subset}-{weight}.ttf")


if __name__ == "__main__":
    make_all(Path(sys.argv[1]), Path(sys.argv[2]))
