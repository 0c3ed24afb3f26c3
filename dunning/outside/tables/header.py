"""The header of a CSV file: which columns a table has, and whether a file's first record fits them.

Names are trimmed and may be in upper or lower case. The delimiter is `;` or `,`, whichever finds more known
names. A required column missing or a column there twice ends the reading; an unknown one is a warning.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dunning.outside.tables.file import Record, detect_encoding, read_records
from dunning.outside.tables.problem import Problem, show_value

MAX_COLUMNS = 200
DELIMITERS = (";", ",")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the header, the field it fills, how a cell is read, what an empty cell means.

    `needed`: the header must have it; `filled`: so must every row.
    """

    name: str
    field: str
    read: Callable[[str], object]
    empty: object = ""
    needed: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Header:
    """How a file is to be read, or why it cannot be: any problem here is final."""

    encoding: str = ""
    delimiter: str = ""
    names: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def read_header(path: Path, columns: Sequence[Column]) -> Header:
    """Decides encoding and delimiter and checks the column names of the file's first record."""
    encoding = detect_encoding(path)
    if isinstance(encoding, Problem):
        return Header(problems=(encoding,))
    known = {column.name for column in columns}
    delimiter, first = max(_first_records(path, encoding), key=lambda found: _count_known(found[1], known))
    if isinstance(first, Problem):
        return Header(problems=(first,))
    names = _clean_names(first)
    return Header(
        encoding,
        delimiter,
        names,
        tuple(_header_problems(first.row, names, columns)),
        tuple(_unknown_columns(first.row, names, known)),
    )


def _first_records(path: Path, encoding: str) -> Iterator[tuple[str, Record | Problem]]:
    for delimiter in DELIMITERS:
        yield delimiter, next(read_records(path, encoding, delimiter), Problem("empty_file"))


def _count_known(first: Record | Problem, known: Collection[str]) -> int:
    return -1 if isinstance(first, Problem) else len(set(known).intersection(_clean_names(first)))


def _clean_names(first: Record) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in first.fields)


def _header_problems(row: int, names: Sequence[str], columns: Sequence[Column]) -> Iterator[Problem]:
    if any("\0" in name for name in names):
        yield Problem("binary_file", row)
        return
    if len(names) > MAX_COLUMNS:
        yield Problem("too_many_columns", row, value=f"{len(names):,}", hint=str(MAX_COLUMNS))
        return
    for column in columns:
        if column.needed and column.name not in names:
            yield Problem("missing_column", row, column.name)
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            yield Problem("duplicate_column", row, show_value(name))


def _unknown_columns(row: int, names: Sequence[str], known: Collection[str]) -> Iterator[Problem]:
    if len(names) <= MAX_COLUMNS:
        for name in names:
            if name not in known:
                yield Problem("unknown_column", row, value=show_value(name))
