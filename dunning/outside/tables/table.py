"""From records of text to typed rows, with every problem named by its row and column.

A table is declared as a tuple of columns; what looks at more than one cell, or at rows before, is the table's
own check.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from dunning.outside.tables.cells import CellError
from dunning.outside.tables.file import MAX_FIELD, UNDECODED, Record, read_records
from dunning.outside.tables.header import Column, read_header
from dunning.outside.tables.problem import Problem, show_value

# tab, CR and LF are white space and cleaned in free text; a lone surrogate is a byte that was no text
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")

Row = TypeVar("Row")
Values = dict[str, Any]
Check = Callable[[int, Values], Row | Problem]


class CsvRows(Generic[Row]):
    """The rows of one file. Each iteration reads the file anew, from the first row on, in bounded memory.

    Iterating gives a Row or a Problem per thing found, in file order. `warnings` do not make a file bad.
    """

    def __init__(self, path: Path, columns: Sequence[Column], new_check: Callable[[], Check[Row]]) -> None:
        self._path = path
        self._columns = columns
        self._new_check = new_check
        self._header = read_header(path, columns)
        self.warnings = self._header.warnings

    def __iter__(self) -> Iterator[Row | Problem]:
        header = self._header
        if header.problems:
            yield from header.problems
            return
        check = self._new_check()
        columns = {column.name: column for column in self._columns}
        places = [columns.get(name) for name in header.names]
        empty = {column.field: column.empty for column in self._columns}
        records = read_records(self._path, header.encoding, header.delimiter)
        next(records)
        for record in records:
            if isinstance(record, Problem):
                yield record
                continue
            values = dict(empty)
            problems = _record_problems(record, header.names) or _read_cells(record, places, values)
            yield from problems or (check(record.row, values),)


def _read_cells(record: Record, places: Sequence[Column | None], values: Values) -> list[Problem]:
    """Fills `values` from the row's cells by field name, and says which of them cannot be read."""
    problems = []
    for column, cell in zip(places, record.fields, strict=True):
        if column is None:
            continue
        text = cell.strip()
        if text:
            try:
                values[column.field] = column.read(text)
            except CellError as error:
                problems.append(Problem(error.code, record.row, column.name, show_value(text), error.hint))
        elif column.filled:
            problems.append(Problem("missing_value", record.row, column.name))
    return problems


def _record_problems(record: Record, names: Sequence[str]) -> list[Problem]:
    """What is wrong with a row before any cell is understood; asks the whole row first, for speed."""
    row, fields = record
    if len(fields) != len(names):
        return [Problem("field_count", row, value=str(len(fields)), hint=str(len(names)))]
    if not FORBIDDEN.search("".join(fields)) and len(max(fields, key=len)) <= MAX_FIELD:
        return []
    pairs = zip(names, fields, strict=True)
    return [problem for name, text in pairs for problem in _field_problems(row, name, text)]


def _field_problems(row: int, name: str, text: str) -> Iterator[Problem]:
    if len(text) > MAX_FIELD:
        yield Problem("field_too_long", row, show_value(name), hint=f"{MAX_FIELD:,}")
    if UNDECODED.search(text):
        yield Problem("bad_byte", row, show_value(name), show_value(text))
    elif FORBIDDEN.search(text):
        yield Problem("control_character", row, show_value(name), show_value(text))
