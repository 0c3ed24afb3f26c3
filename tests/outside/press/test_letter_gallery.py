"""Every letter looks as it did when somebody last looked at it; the sheet to look at is var/letter-gallery.png."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageChops

from dunning.outside.press.press import LetterPress
from tests.outside.press.letter_builders import PRINCIPAL, a_first_letter, a_position
from tests.outside.press.letter_gallery import (
    REFERENCES,
    SAMPLES,
    draw_letter,
    draw_samples,
    measure_difference,
    read_reference,
    write_sheet,
)

# of the mean grey of a spot: another build of the PDF reader smooths differently, other words are more
MOST_DIFFERENCE = 20


@pytest.fixture(scope="module")
def press() -> Iterator[LetterPress]:
    press = LetterPress()
    yield press
    press.close()


def test_the_gallery_is_both_letters_in_both_languages_in_eight_cases() -> None:
    assert len(SAMPLES) == 2 * 2 * 8
    assert {file.stem for file in REFERENCES.glob("*.png")} == set(SAMPLES)


def test_every_letter_looks_like_its_reference(press: LetterPress, tmp_path: Path) -> None:
    pictures = draw_samples(press, tmp_path)
    write_sheet(pictures)
    found = {name: measure_difference(picture, read_reference(name)) for name, picture in pictures.items()}
    assert {name: found[name] for name in found if found[name] > MOST_DIFFERENCE} == {}


@pytest.mark.parametrize(
    "change",
    [
        {"deadline": dt.date(2026, 9, 22)},
        {"positions": (a_position(replace(PRINCIPAL, cents=480_00)),)},
        {"product_name": ""},
    ],
    ids=["deadline", "amount", "sentence"],
)
def test_another_letter_is_seen(change: dict[str, Any], press: LetterPress, tmp_path: Path) -> None:
    other = draw_letter(press.render(a_first_letter(**change)), tmp_path)
    assert measure_difference(other, read_reference("first-de-normal")) > MOST_DIFFERENCE


@pytest.mark.parametrize("shift", [(0, 1), (1, 0)], ids=["down", "right"])
def test_a_letter_moved_by_a_pixel_is_seen(shift: tuple[int, int]) -> None:
    picture = read_reference("first-de-normal")
    assert measure_difference(ImageChops.offset(picture, *shift), picture) > MOST_DIFFERENCE
