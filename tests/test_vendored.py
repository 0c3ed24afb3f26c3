"""Files of others stay exactly as they were published."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| `(?P<path>[^`]+)` \|.*\| `(?P<hash>[0-9a-f]{64})` \|$", re.MULTILINE)
LISTED: dict[str, str] = dict(ROW.findall((ROOT / "static/VENDORED.md").read_text()))
VENDOR_FOLDERS = ("static/fonts", "static/licenses", "letters/fonts", "tests/browser/vendor")
OWN_STATIC = {"app.css", "app.js", "theme.js", "VENDORED.md"}


def _files_of_others() -> set[str]:
    in_folders = (path for folder in VENDOR_FOLDERS for path in (ROOT / folder).rglob("*"))
    at_the_top = (path for path in (ROOT / "static").iterdir() if path.name not in OWN_STATIC)
    return {str(path.relative_to(ROOT)) for path in (*in_folders, *at_the_top) if path.is_file()}


@pytest.mark.parametrize("path", sorted(LISTED))
def test_a_vendored_file_has_the_listed_hash(path: str) -> None:
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == LISTED[path]


def test_every_vendored_file_is_listed() -> None:
    assert sorted(_files_of_others() - set(LISTED)) == []


def test_no_style_sheet_or_icon_asks_another_host() -> None:
    """Fonts, images and imports come from this folder or are data URIs."""
    remote = re.compile(r"(?:url\(\s*[\"']?|@import\s+[\"'])(?:https?:)?//")
    sheets = [*(ROOT / "static").glob("*.css"), ROOT / "static/icons.svg"]
    assert [sheet.name for sheet in sheets if remote.search(sheet.read_text())] == []


def test_our_own_style_sheet_stays_small() -> None:
    assert (ROOT / "static/app.css").stat().st_size <= 15 * 1024


def test_there_are_forty_to_sixty_icons() -> None:
    assert 40 <= (ROOT / "static/icons.svg").read_text().count("<symbol id=") <= 60
