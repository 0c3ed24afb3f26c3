"""A day's letters as one PDF for the printer: a cover list, then every letter as it is stored, never made anew."""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from dunning.outside.letter import PASSED_ON, ROOT, LetterCrashed, LetterFailed, LetterTimeout
from dunning.outside.storage import Storage
from dunning.rules.post import Paper

COMMAND = [sys.executable, "-m", "dunning.outside.cover_child"]
COVER_SECONDS = 120.0


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
    """The list of what follows, with the number of pages of each letter; made in a process of its own."""
    rows = [asdict(paper) | {"pages": count} for paper, count in zip(papers, pages, strict=True)]
    order = json.dumps({"day": day.isoformat(), "language": language, "rows": rows})
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        child = subprocess.run(
            COMMAND, input=order.encode(), capture_output=True, cwd=ROOT, env=environment, timeout=COVER_SECONDS
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise LetterTimeout("the cover list took too long and was stopped") from error
    if child.returncode < 0:
        raise LetterCrashed(f"the cover list's process ended with status {child.returncode}")
    if child.returncode:
        raise LetterFailed(child.stderr.decode("utf-8", "replace")[-2000:])
    return child.stdout
