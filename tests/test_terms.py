"""The vocabulary is one: words beside columns stand in its lists, and every word has words for people.

What mypy compares it sees by itself; a column's `==`, `in_` and the keywords of a row take anything.
"""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterator

import pytest

from dunning.jobs.carry.carry import CARRIERS, MESSAGES
from dunning.jobs.carry.notice import PREPARE
from dunning.records import Base
from dunning.rules import statuses, terms
from dunning.web.admin.mail_list import NOTICE_LABELS
from dunning.web.words.claim_lines import ENTRY_LABELS
from dunning.web.words.history_labels import LETTER_LABELS, VERB_LABELS
from dunning.web.words.labels import STATUS_LOOKS
from dunning.web.words.step_labels import STEP_LABELS
from tests.source_walk import Source, product_files

Words = frozenset[str]


def list_words(annotation: object) -> Words:
    """The strings of all `Literal`s in a column's annotation; none for a free text."""
    if typing.get_origin(annotation) is typing.Literal:
        return frozenset(typing.get_args(annotation))
    return frozenset().union(*(list_words(part) for part in typing.get_args(annotation)))


COLUMNS: dict[tuple[str, str], Words] = {
    (mapper.class_.__name__, name): words
    for mapper in Base.registry.mappers
    for name, annotation in typing.get_type_hints(mapper.class_).items()
    if (words := list_words(annotation))
}


def read_strings(node: ast.expr) -> list[str]:
    """The words that are spelled out: one, or those of a tuple."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def name_column(node: ast.expr) -> tuple[str, str]:
    """`Step.state` as ("Step", "state"); ("", "") for what is no attribute of a class."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    return "", ""


def name_row(call: ast.Call) -> str:
    """The class of a new row, or of the rows an `update` changes by its `values`; "" for any other call."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "values"):
        return ""
    inside = [part for part in ast.walk(call.func) if isinstance(part, ast.Call) and part.args]
    first = [part.args[0] for part in inside if ast.unparse(part.func) == "update"]
    return ast.unparse(first[0]) if first else ""


def find_uses(node: ast.AST) -> Iterator[tuple[tuple[str, str], str]]:
    """Columns and the words beside them: compared, asked for with `in_`, or written to a row."""
    if isinstance(node, ast.Compare):
        yield from (
            (name_column(node.left), word) for part in node.comparators for word in read_strings(part)
        )
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"in_", "not_in"}:
        yield from ((name_column(node.func.value), word) for word in read_strings(node.args[0]))
    written = name_row(node)
    yield from (((written, key.arg or ""), word) for key in node.keywords for word in read_strings(key.value))


def find_strange_words(file: Source) -> Iterator[str]:
    for node in file.nodes():
        for column, word in find_uses(node):
            if column in COLUMNS and word not in COLUMNS[column]:
                yield file.at(getattr(node, "lineno", 1), f"{'.'.join(column)} is never {word!r}")


def test_a_word_beside_a_column_is_one_of_its_words() -> None:
    found = [line for file in product_files() for line in find_strange_words(file)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        'select(Step).where(Step.state == "dnoe")',
        'select(LedgerEntry).where(LedgerEntry.kind.in_(("payment", "reversed")))',
        'History(verb="starts")',
        'update(Step).where(Step.id == 1).values(state="lapst")',
    ],
)
def test_a_misspelled_word_beside_a_column_is_found(line: str) -> None:
    (used,) = [
        found for node in ast.walk(ast.parse(line)) for found in find_uses(node) if found[0] in COLUMNS
    ][-1:]
    assert used[1] not in COLUMNS[used[0]]


def test_the_columns_of_the_vocabulary_are_known() -> None:
    kinds = {("Step", "kind"), ("LedgerEntry", "kind"), ("Effect", "kind"), ("PartnerNews", "kind")}
    states = {("Case", "status"), ("Step", "state"), ("Effect", "state")}
    sources = {("LedgerEntry", "source"), ("Payment", "source"), ("History", "verb")}
    assert kinds | states | sources <= COLUMNS.keys()


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        pytest.param(terms.ENTRY_KINDS, ENTRY_LABELS, id="entries"),
        pytest.param(terms.STEP_KINDS, STEP_LABELS, id="steps"),
        pytest.param((*terms.MESSAGE_KINDS, *terms.NOTICES), NOTICE_LABELS, id="effects"),
        pytest.param(statuses.ALL, STATUS_LOOKS, id="statuses"),
        pytest.param(
            typing.get_args(terms.Verb), {**VERB_LABELS, **LETTER_LABELS, "letter_sent": ""}, id="verbs"
        ),
    ],
)
def test_every_word_is_called_something(words: tuple[str, ...], labels: dict[str, object]) -> None:
    assert set(words) == set(labels)


def test_whatever_is_to_leave_is_carried_by_somebody() -> None:
    carried = {*CARRIERS, *MESSAGES, *PREPARE}
    assert carried == list_words(terms.EffectKind) - {*terms.CALLS}
    assert (set(MESSAGES), set(PREPARE)) == (set(terms.MESSAGE_KINDS), set(terms.NOTICES))
