"""The builders make what they say, on both databases."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dunning.records import Base, db
from tests import lives
from tests.builders import ENDS, LIVES, a_case, after, play_until, read_case_dossier
from tests.cleaning import NUMBERS_ANEW
from tests.names import FIRST_OF_A_TEST, numbers
from tests.raw_rows import Row, move_instants, open_rows
from tests.sent import find_sent

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.mark.parametrize("status", LIVES)
def test_a_case_of_every_status_can_be_made(each_app: Flask, status: str) -> None:
    assert read_case_dossier(a_case(status)).case.status == ENDS.get(status, status)


def test_a_case_can_be_older_and_partly_paid(each_app: Flask) -> None:
    file = read_case_dossier(a_case(day=21, paid=30_00))
    assert {step.kind: step.done_on for step in file.steps if step.state == "done"} == {
        "payment_reminder": after(5),
        "first_letter": after(10),
        "second_letter": after(20),
    }
    assert file.receivable.paid_cents == 30_00


@pytest.mark.parametrize("status", LIVES)
def test_a_copied_life_leaves_what_the_played_one_left_and_goes_on_like_it(
    each_app: Flask, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(lives, "_lives", {})
    played_id, played = a_case(status), see_everything(each_app)
    (life,) = lives._lives.values()
    play_until(after(60))
    played_on = count_everything(each_app)

    start_anew(each_app)
    copied_id, copied = a_case(status), see_everything(each_app)
    assert len(lives._lives) == 1
    assert copied_id == played_id
    before, now = forget_present(played, life), forget_present(copied, life)
    assert now == before
    play_until(after(60))
    assert count_everything(each_app) == played_on


def see_everything(app: Flask) -> dict[str, Any]:
    """All rows, sequences and files, and how many names were given."""
    home = app.config["SETTINGS"].home
    with open_rows(db.engine) as stored:
        rows = {table: stored.read(table) for table in Base.metadata.tables}
        sequences = stored.read_sequences()
    files = {str(name): (home / name).read_bytes() for name in lives.list_files(home)}
    return {"rows": rows, "sequences": sequences, "files": files, "names": numbers.given}


def count_everything(app: Flask) -> dict[str, Any]:
    """How many rows there are in each table, and how many files."""
    seen = see_everything(app)
    rows = {table: len(rows) for table, rows in seen["rows"].items()}
    return rows | {"sequences": seen["sequences"], "files": len(seen["files"])}


def forget_present(seen: dict[str, Any], life: lives.Life) -> dict[str, Any]:
    """Without the instants of the time since the life began: the present of the one is not that of the other."""

    def forget(table: str, row: Row) -> Row:
        return move_instants(table, row, lambda instant: min(instant, life.began))

    rows = {table: [forget(table, row) for row in rows] for table, rows in seen["rows"].items()}
    return seen | {"rows": rows}


def start_anew(app: Flask) -> None:
    """Everything is as it was before the test."""
    db.session.rollback()
    with open_rows(db.engine) as stored:
        for table in reversed(Base.metadata.sorted_tables):
            stored.empty(table.name)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(NUMBERS_ANEW))
        db.session.commit()
    home = app.config["SETTINGS"].home
    for name in lives.list_files(home):
        (home / name).unlink()
    sent = find_sent(db.engine)
    sent.writes, sent.tables, numbers.given = [], set(), FIRST_OF_A_TEST - 1
