"""Lives are played once in a process and copied after that: rows, sequences and files as they were.

A life depends on what was written before it, on what was asked for, on the names already given and on the settings.
Where all of that is as it was once before, so is what comes out. What reaches another house (a mail server, a partner,
a queue) is played each time. Instants of the present move along: a copied life happened just now.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import current_app

from dunning.clock import read_now
from dunning.jobs.ways import channels
from dunning.records import Base, db
from dunning.settings import Settings
from tests.names import numbers
from tests.raw_rows import Move, Row, move_instants, open_rows
from tests.sent import Sent, find_sent

TABLE = re.compile(r'\s*(?:insert into|update|delete from) "?(\w+)', re.IGNORECASE)
# what is in a home beside mails and letters
NOT_OF_A_LIFE = re.compile(r"(secret|.*\.db(-wal|-shm)?|redis.*)$")


@dataclass(frozen=True)
class Life:
    """What a life leaves behind, `result` being what its player returned."""

    result: int
    given: int
    began: dt.datetime
    ended: dt.datetime
    rows: dict[str, list[Row]]
    sequences: dict[str, int]
    files: dict[Path, bytes]

    def make_present(self) -> Move:
        """What happened while the life was played happens now, and what follows from that is to come as much later.

        A desk's instants are whole seconds and stay, whatever the day they are of.
        """
        later = read_now() - self.ended
        return lambda instant: instant + later if instant >= self.began and instant.microsecond else instant


_lives: dict[str, Life] = {}


def live(wish: str, play: Callable[[], int]) -> int:
    """Plays the life, or copies one that was played from the same beginning for the same wish."""
    settings, sent = current_app.config["SETTINGS"], find_sent(db.engine)
    if sent is None or not stays_in_the_house(settings):
        return play()
    db.session.rollback()
    key = describe_beginning(wish, settings, sent)
    if key in _lives:
        paste_life(_lives[key], settings.home, sent)
    else:
        _lives[key] = record_life(play, settings.home, sent)
    sent.writes = [(key, None)]
    return _lives[key].result


def stays_in_the_house(settings: Settings) -> bool:
    """Whether all that a life does ends in the database and in the home."""
    outside = settings.smtp_url or settings.partner_url or not settings.redis_embedded
    return not outside and settings.storage_url == f"file://{settings.home / 'letters'}"


def describe_beginning(wish: str, settings: Settings, sent: Sent) -> str:
    """Everything a life depends on, in one word."""
    anywhere = replace(settings, home=Path(), database_url="", redis_url="", storage_url="")
    ways = [channels.LetterPress, channels.make_mailer]
    kind = db.engine.dialect.name
    parts = (kind, wish, anywhere, ways, numbers.given, json.dumps(sent.writes, default=write_value))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def write_value(value: Any) -> str:
    """A parameter as text; psycopg's JSON says what it holds in full only when it is asked."""
    return json.dumps(value.obj, default=repr) if hasattr(value, "obj") else repr(value)


# --- taking it down ---


def record_life(play: Callable[[], int], home: Path, sent: Sent) -> Life:
    """Plays a life and takes down what it leaves."""
    given, before, began = numbers.given, list_files(home), read_now()
    result = play()
    db.session.rollback()
    ended, after = read_now(), list_files(home)
    sent.tables |= {found[1] for statement, _ in sent.writes if (found := TABLE.match(statement))}
    with open_rows(db.engine) as stored:
        rows = {table: stored.read(table) for table in sent.tables}
        sequences = stored.read_sequences()
    files = {name: (home / name).read_bytes() for name, mark in after.items() if before.get(name) != mark}
    return Life(result, numbers.given - given, began, ended, rows, sequences, files)


def list_files(home: Path) -> dict[Path, int]:
    """What lies in the home, with the instant of its last change."""
    files = (file for file in home.rglob("*") if file.is_file() and not NOT_OF_A_LIFE.match(file.name))
    return {file.relative_to(home): file.stat().st_mtime_ns for file in files}


# --- and putting it there ---


def paste_life(life: Life, home: Path, sent: Sent) -> None:
    """Leaves in the database and in the home what the life left."""
    with open_rows(db.engine) as stored:
        for table in sort_tables(sent.tables | set(life.rows))[::-1]:
            stored.empty(table)
        for table in sort_tables(life.rows):
            stored.write(table, [move_instants(table, row, life.make_present()) for row in life.rows[table]])
        stored.set_sequences(life.sequences)
    for name, content in life.files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)
    numbers.given += life.given
    sent.tables |= set(life.rows)


def sort_tables(names: Iterable[str]) -> list[str]:
    """What others refer to first."""
    wanted = set(names)
    return [table.name for table in Base.metadata.sorted_tables if table.name in wanted]
