"""From bytes on disk to records of text: encoding, quoting, line numbers and limits of a CSV file.

Nothing here knows a column. The file is streamed; memory is bounded by the longest record allowed, however
long a line or an unclosed quotation mark runs. UTF-8 (with or without BOM) and CP1252 are read; which of the
two is decided over the whole file, and a byte neither of them knows ends up as a lone surrogate in its
field, where the row and the column are known and the reader refuses it.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from dunning.outside.tables.problem import Problem

MAX_RECORD = 1_000_000
MAX_FIELD = 10_000
CHUNK_BYTES = 1 << 20

NOT_TEXT = (
    (codecs.BOM_UTF32_LE, "utf_16"),
    (codecs.BOM_UTF32_BE, "utf_16"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
    (b"PK\x03\x04", "spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
)
# by which a spreadsheet tells itself the delimiter
separator_line = re.compile(r"\s*sep=.?\s*", re.IGNORECASE)
UNDECODED = re.compile("[\udc80-\udcff]")
NOT_ASCII = re.compile("[^\x00-\x7f]")


class Record(NamedTuple):
    """The fields of one record and the file line it starts on."""

    row: int
    fields: list[str]


def detect_encoding(path: Path) -> str | Problem:
    """`utf-8-sig` or `cp1252`, or why the file is no text. Reads the file once, in pieces.

    CP1252 gives a meaning to nearly every byte, so it is only believed where UTF-8 fails more often than it
    fits: a damaged UTF-8 file stays UTF-8 and its bad rows are named, it is not turned into `MÃ¼ller`.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
        if not start:
            return Problem("empty_file")
        for magic, code in NOT_TEXT:
            if start.startswith(magic):
                return Problem(code)
        stream.seek(0)
        good, bad = _count_sequences(stream)
    return "utf-8-sig" if good >= bad or start.startswith(codecs.BOM_UTF8) else "cp1252"


def _count_sequences(stream: BinaryIO) -> tuple[int, int]:
    """How many non-ASCII characters decode as UTF-8, and how many bytes do not."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    odd = bad = 0
    while True:
        chunk = stream.read(CHUNK_BYTES)
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            odd += len(NOT_ASCII.findall(text))
            bad += len(UNDECODED.findall(text))
        if not chunk:
            return odd - bad, bad


class _RecordTooLongError(Exception):
    pass


class _Lines:
    """Hands the csv reader one file line at a time and stops a record that grows past the limit."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_RECORD - self.size + 1)
        self.size += len(line)
        if self.size > MAX_RECORD:
            raise _RecordTooLongError
        if not line:
            raise StopIteration
        return line


def read_records(path: Path, encoding: str, delimiter: str) -> Iterator[Record | Problem]:
    """The records of the file in order; a broken one is a Problem in its place, an empty one is left out.

    The header is a record like any other. A record past MAX_RECORD characters ends the reading.
    """
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            row = reader.line_num + 1
            lines.size = 0
            try:
                fields = next(reader)
            except StopIteration:
                return
            except _RecordTooLongError:
                yield Problem("record_too_long", row, hint=f"{MAX_RECORD:,}")
                return
            except csv.Error as error:
                # a huge field over several lines is a quotation mark that was never closed
                if "field limit" in str(error) and reader.line_num == row:
                    yield Problem("field_too_long", row, hint=f"{MAX_FIELD:,}")
                else:
                    yield Problem("bad_quotes", row)
                continue
            if any(fields) and not (row == 1 and separator_line.fullmatch(delimiter.join(fields))):
                yield Record(row, fields)
