"""A test that runs on one kind of database hides nothing: what only that kind was sent turns a full run red."""

from types import SimpleNamespace

import pytest

from tests import conftest
from tests.database_kinds import KINDS, Sightings, choose_kind, normalise

PATH = "tests/cli/test_people.py"


@pytest.mark.parametrize(
    ("sqlite", "postgresql"),
    [
        ("SELECT a FROM t WHERE b = ?", "SELECT a\nFROM t WHERE b = %(b_1)s::VARCHAR"),
        ("SELECT a FROM t WHERE b IN (?, ?, ?)", "SELECT a FROM t WHERE b IN (%(b_1_1)s::BIGINT, %(b_1_2)s::BIGINT)"),
        ("SELECT a FROM t WHERE c IS 1", "SELECT a FROM t WHERE c IS true"),
        ("SELECT a FROM t WHERE c = 1", "SELECT a FROM t WHERE c"),
        ("SELECT a FROM t WHERE t.c = 0", "SELECT a FROM t WHERE NOT t.c"),
        ("UPDATE t SET a=? WHERE b IS NOT ?", "UPDATE t SET a=%(a)s WHERE b IS DISTINCT FROM %(b_1)s::VARCHAR"),
        ("SELECT a FROM t WHERE b IS ?", "SELECT a FROM t WHERE b IS NOT DISTINCT FROM %(b_1)s::VARCHAR"),
        ('SELECT "key" FROM t', "SELECT key FROM t"),
        ("SELECT a WHERE b IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1)", "SELECT a WHERE b IN (NULL) AND (1 != 1)"),
        ("SELECT JSON_EXTRACT(t.a, ?) FROM t", "SELECT (t.a ->> %(a_1)s) FROM t"),
        ("SELECT CAST(JSON_EXTRACT(t.a, ?) AS VARCHAR)", "SELECT CAST(t.a ->> %(a_1)s::TEXT AS VARCHAR)"),
        ("UPDATE t SET a=?, b=? WHERE t.id = ?", "UPDATE t SET b=%(b)s::VARCHAR WHERE t.id = %(t_id)s::BIGINT"),
        ("SELECT a FROM t", "SELECT a FROM t FOR UPDATE OF t SKIP LOCKED"),
        ("INSERT INTO t (a) VALUES (?)", "INSERT INTO t (a) VALUES (%(a)s::TIMESTAMP WITH TIME ZONE) RETURNING t.id"),
        ("SELECT a FROM t LIMIT ? OFFSET ?", "SELECT a FROM t LIMIT %(param_1)s::INTEGER"),
    ],
)  # fmt: skip
def test_a_statement_is_the_same_in_either_dialect(sqlite: str, postgresql: str) -> None:
    assert normalise(sqlite) == normalise(postgresql)


def test_another_statement_is_another() -> None:
    assert normalise("SELECT a FROM t WHERE b = ?") != normalise("SELECT a FROM t WHERE c = ?")


def see(*, alone: dict[str, str], elsewhere: dict[str, str]) -> Sightings:
    sightings = Sightings()
    sightings.merge({"sqlite": alone, "postgresql": elsewhere}, {"sqlite": alone})
    return sightings


def test_what_one_kind_alone_was_sent_is_named_with_its_module() -> None:
    sightings = see(alone={"select a": PATH, "select b": PATH}, elsewhere={"select b": "tests/actions"})
    assert sightings.list_unseen() == [f"{PATH}: only on sqlite: select a"]


def test_a_test_stays_on_its_kind_and_both_kinds_get_their_share() -> None:
    chosen = [choose_kind(f"tests/cli/test_people.py::test_{n}[]") for n in range(100)]
    assert chosen == [choose_kind(f"tests/cli/test_people.py::test_{n}[]") for n in range(100)]
    assert min(chosen.count(kind) for kind in KINDS) > 30


@pytest.mark.parametrize(("full", "code"), [(True, 1), (False, 0)], ids=["full", "chosen"])
def test_only_a_full_run_turns_red(monkeypatch: pytest.MonkeyPatch, full: bool, code: int) -> None:
    monkeypatch.setattr(conftest, "SIGHTINGS", see(alone={"select a": PATH}, elsewhere={}))
    monkeypatch.setattr(conftest, "is_full_run", lambda _config: full)
    session = SimpleNamespace(config=SimpleNamespace(), exitstatus=0)
    conftest.pytest_sessionfinish(session, 0)
    assert session.exitstatus == code
