"""Public reports of what went wrong elsewhere, told as files and events: each case says what is right, and its source.

A case is a folder of `data/cases`. Its steps are files taken in, events sent and days played, in their order.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dunning.actions.orders.take_events import apply_inbox
from dunning.cli.desk import open_desk
from dunning.records import db
from tests.events import a_signing_vendor, send_ipn

CASES = sorted((Path(__file__).parent / "data/cases").iterdir())
VENDORS = (79424, 80110)
PLATFORM = 79424


class Lab:
    """Plays the steps with the product's own commands; remembers the worst exit code and the last HTTP status."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.worst = self.status = 0
        for vendor_id in VENDORS:
            a_signing_vendor(vendor_id=vendor_id)

    def run(self, *words: str) -> str:
        result = self.app.test_cli_runner().invoke(args=list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        self.worst = max(self.worst, result.exit_code)
        return result.stdout

    def play(self, kind: str, name: str, until: str = "") -> None:
        if kind == "run":
            self.run("dunning", "run", "--from", name, "--to", until, "--inline")
        elif kind == "ipn":
            self.status = send_ipn(self.app, PLATFORM, (self.folder / name).read_bytes()).status_code
            apply_inbox(open_desk())
        else:
            self.run("intake", kind, str(self.folder / name))
        db.session.rollback()

    def find_wrong(self, check: dict[str, Any]) -> list[str]:
        """How the product differs from what is right."""
        if "any" in check:
            wrong = [self.find_wrong(one) for one in check["any"]]
            return [] if [] in wrong else [line for lines in wrong for line in lines]
        if "sql" in check:
            got: dict[str, Any] = {"is": db.session.scalar(text(check["sql"]))}
        elif "order" in check:
            got = self.explain(check["order"], check["rate"])
        else:
            got = {"exit": self.worst, "http": self.status}
        wanted = {name: check[name] for name in check.keys() & got.keys()}
        wrong = [
            f"{name} is {got[name]}, not {value}" for name, value in wanted.items() if got[name] != value
        ]
        unwanted = check.get("status_not")
        return [*wrong, *([f"status is {unwanted}"] if unwanted and got.get("status") == unwanted else [])]

    def explain(self, order_id: str, rate: int) -> dict[str, Any]:
        """What the product says of a receivable; nothing of one it does not know."""
        told = json.loads(self.run("dunning", "explain", order_id, "--on", "2026-11-30", "--json"))
        known = {receivable["rate_number"]: receivable for receivable in told["receivables"]}
        return (
            {"principal": 0, "paid": 0, **known[rate]["claim"], **known[rate]}
            if rate in known
            else {"paid": None}
        )


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_case_ends_as_is_right(each_app: Flask, folder: Path) -> None:
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    lab = Lab(each_app, folder)
    for step in case["steps"]:
        lab.play(*step)
    assert [line for check in case["expect"] for line in lab.find_wrong(check)] == []
