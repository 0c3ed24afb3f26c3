"""A day's letters as one PDF for the printer: a cover list, then every letter as it is stored, never made anew."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from dunning.outside.mail.text import format_day
from dunning.outside.press.sheet_press import print_sheet
from dunning.outside.storage import Storage
from dunning.rules.letters.post import Paper

WORDS = {
    "de": {
        "title": "Briefe vom",
        "letters": "Briefe",
        "number": "Nr.",
        "place": "Ort",
        "name": "Empfänger",
        "order": "Bestellung",
        "letter": "Schreiben",
        "pages": "Seiten",
        "first_letter": "1. Mahnung",
        "second_letter": "2. Mahnung",
    },
    "en": {
        "title": "Letters of",
        "letters": "Letters",
        "number": "No.",
        "place": "Place",
        "name": "Recipient",
        "order": "Order",
        "letter": "Letter",
        "pages": "Pages",
        "first_letter": "First letter",
        "second_letter": "Second letter",
    },
}


def merge_letters(papers: Sequence[Paper], day: dt.date, language: str, storage: Storage) -> bytes:
    """The print file, in the order of the papers. Raises StorageError, and LetterError when it has no cover."""
    readers = [PdfReader(BytesIO(storage.get(paper.sha256))) for paper in papers]
    cover = print_cover(papers, [len(reader.pages) for reader in readers], day, language)
    with PdfWriter() as writer:
        for part in (PdfReader(BytesIO(cover)), *readers):
            writer.append(part, import_outline=False)
        merged = BytesIO()
        writer.write(merged)
    return merged.getvalue()


def print_cover(papers: Sequence[Paper], pages: Sequence[int], day: dt.date, language: str) -> bytes:
    """The list of what follows, with the number of pages of each letter. Raises LetterError."""
    rows = [asdict(paper) | {"pages": count} for paper, count in zip(papers, pages, strict=True)]
    heading = {"language": language, "words": WORDS[language], "day": format_day(day, language)}
    return print_sheet("cover", {**heading, "rows": rows})
