"""The product as its operator meets it: commands, files and tables, no import of its code."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterable
from datetime import date
from itertools import chain
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from tests.replay.walk import Receivable

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parents[1] / "data"
VENDOR_DOMAIN = "shop.example"
IN_TURN = """
import json, sys
from flask.cli import cli
for words in json.load(sys.stdin):
    cli.main(words, prog_name="flask", standalone_mode=False)
"""
# They say when somebody was last at work, not what was done.
CLOCKWORK = frozenset({"heartbeats", "run_days"})
# What the tester's own shell may have set must not reach the product under test.
OWN_VARIABLES = re.compile(
    r"(DUNNING|FLASK|DATABASE|REDIS|SMTP|STORAGE|PARTNER|SECRET|MAIL|PUBLIC)_|(HOST|PORT)$"
)


class Product:
    """One installation in a folder of its own; a command is a process, where nothing else is said."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        inherited = {name: value for name, value in os.environ.items() if not OWN_VARIABLES.match(name)}
        self.environment = {**inherited, "DUNNING_HOME": str(home), **environment}
        url = environment.get("DATABASE_URL", f"sqlite:///{home / 'dunning.db'}")
        self.engine: Engine = create_engine(url, poolclass=NullPool)

    def start(
        self, *arguments: str, stdout: IO[str] | int | None = None, stderr: IO[str] | int | None = None
    ) -> subprocess.Popen[str]:
        """Starts `python -m …` from the repository's root, as the leader of a process group."""
        command = [sys.executable, "-m", *arguments]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            text=True,
            start_new_session=True,
            stdout=stdout,
            stderr=stderr,
        )

    def flask(self, *arguments: str) -> str:
        """Runs `flask …` to its end and returns stdout; a failing command raises with what it said."""
        process = self.start("flask", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate()
        if process.returncode:
            command = " ".join(arguments)
            raise AssertionError(
                f"flask {command} ended with {process.returncode}:\n{out[-2000:]}{err[-4000:]}"
            )
        return out

    def flask_in_turn(self, commands: list[tuple[str, ...]]) -> None:
        """Runs several `flask …` in one process, which has the product to load only once."""
        subprocess.run(
            [sys.executable, "-c", IN_TURN],
            cwd=ROOT,
            env=self.environment,
            input=json.dumps(commands),
            text=True,
            check=True,
        )

    def prepare(self, receivables: Collection[Receivable]) -> None:
        """Migrations, the vendors, and the rows of the ledger that belong to these receivables."""
        vendor_ids = sorted({receivable.vendor_id for receivable in receivables})
        self.flask_in_turn([("db", "upgrade"), *chain.from_iterable(map(add_vendor, vendor_ids))])
        number = len(receivables)
        for counters in self.take_in(receivables):
            assert counters == {"read": number, "new": number, "updated": 0, "unchanged": 0}

    def take_in(self, receivables: Collection[Receivable]) -> list[dict[str, int]]:
        """The counters that `flask intake orders` and `flask intake payments` print."""
        wanted = {receivable.order_id for receivable in receivables}
        files = {kind: cut_file(DATA / f"{kind}.csv", wanted, self.home) for kind in ("orders", "payments")}
        return [json.loads(self.flask("intake", kind, str(file))) for kind, file in files.items()]

    def play(self, first: date, last: date) -> list[dict[str, object]]:
        """The lines of `flask dunning run --inline` for the days of the range, the total last."""
        return read_lines(self.flask(*run_command(first, last), "--inline"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def digest(self) -> dict[str, tuple[int, str]]:
        """Table -> number of rows and a hash of them; the folders of mails and letters likewise."""
        tables = set(inspect(self.engine).get_table_names()) - CLOCKWORK
        digests = {table: _digest(map(repr, self._all_of(table))) for table in tables}
        for folder in ("mail", "letters"):
            files = (path for path in (self.home / folder).rglob("*") if path.is_file())
            digests[f"{folder}/"] = _digest(f"{path} {path.stat().st_mtime_ns}" for path in files)
        return digests

    def _all_of(self, table: str) -> list[tuple[Any, ...]]:
        return self.rows(f'select * from "{table}"')


def add_vendor(vendor_id: str) -> list[tuple[str, ...]]:
    """The commands that add a vendor with the settings of the walk."""
    email = f"vendor-{vendor_id}@{VENDOR_DOMAIN}"
    wish = ("--scheme", "2", "--automatic", "--threshold", "0", "--remainder", "forgive_small")
    return [
        ("vendor", "add", "--id", vendor_id, "--name", f"Vendor {vendor_id}", "--email", email),
        ("vendor", "settings", "--id", vendor_id, *wish),
    ]


def run_command(first: date, last: date) -> tuple[str, ...]:
    return "dunning", "run", "--from", first.isoformat(), "--to", last.isoformat()


def read_lines(output: str) -> list[dict[str, object]]:
    """One JSON object per line, and nothing else on stdout."""
    return [json.loads(line) for line in output.splitlines()]


def cut_file(file: Path, order_ids: Collection[str], folder: Path) -> Path:
    """A copy of a ledger file with the rows of these orders only."""
    copy = folder / file.name
    with (
        file.open(encoding="utf-8", newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        reader = csv.DictReader(source, delimiter=";")
        writer = csv.DictWriter(target, reader.fieldnames or (), delimiter=";")
        writer.writeheader()
        writer.writerows(row for row in reader if row["order_id"] in order_ids)
    return copy


def _digest(lines: Iterable[str]) -> tuple[int, str]:
    ordered = sorted(lines)
    return len(ordered), hashlib.sha256("\n".join(ordered).encode()).hexdigest()
