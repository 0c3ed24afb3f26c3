"""`flask intake …`: files in, all or nothing, with every problem named by row and column."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import AppGroup
from tqdm import tqdm

from dunning.actions.money.book_payments import Tally, take_payments
from dunning.actions.orders.import_orders import check_orders, take_orders
from dunning.cli.desk import open_desk
from dunning.outside.bank.payment_file import open_payments
from dunning.outside.platform.order_csv import OrderRow, read_orders
from dunning.outside.tables.problem import Problem, ProblemList, show_value
from dunning.rules.incoming import IncomingPayment
from dunning.rules.terms import LeftOut

Row = TypeVar("Row", OrderRow, IncomingPayment)
LEFT_OUT_WORDS: dict[LeftOut, str] = {
    "outgoing": "our own outgoing money",
    "debit_reversed": "a debit of ours taken back",
    "not_booked": "not booked yet",
    "no_amount": "no amount",
    "unreadable": "not to be read in full",
}
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
intake = AppGroup("intake", help="Read orders and payments from files.")


@intake.command("orders")
@click.argument("path", type=FILE)
def read_order_file(path: Path) -> None:
    """Import an orders CSV; the same file twice changes nothing."""
    rows, problems = read_orders(path), ProblemList()
    warn_columns(rows.warnings)
    good = show_progress(keep_good(rows, problems), "checking")
    for objection in check_orders(good):
        problems.add(Problem(objection.code, objection.row, objection.column, show_value(objection.value)))
    refuse_problems(problems)
    tally = take_orders(show_progress(skip_problems(rows), "importing"), open_desk())
    print_tally(tally)


@intake.command("payments")
@click.argument("path", type=FILE)
def read_payment_file(path: Path) -> None:
    """Import payments from CSV, camt.053 (version 2 or 8) or MT940; each payment is booked once."""
    desk, problems = open_desk(), ProblemList()
    file = open_payments(path, desk.timezone)
    warn_columns(file.warnings)
    found: Iterable[IncomingPayment | Problem] = file.rows
    left_out = Counter(row.left_out for row in show_progress(keep_good(found, problems), "checking"))
    refuse_problems(problems)
    for reason, words in LEFT_OUT_WORDS.items():
        if entries := left_out[reason]:
            click.echo(f"left out: {entries} × {words} (see /admin/payments?view=left_out)", err=True)
    rows = show_progress(skip_problems(found), "importing")
    print_tally(take_payments(rows, desk, source=file.source))


def keep_good(rows: Iterable[Row | Problem], problems: ProblemList) -> Iterator[Row]:
    """The rows that could be read; what could not is collected."""
    for row in rows:
        if isinstance(row, Problem):
            problems.add(row)
        else:
            yield row


def skip_problems(rows: Iterable[Row | Problem]) -> Iterator[Row]:
    """The second reading of a file found good; a problem now means that it changed in between."""
    for row in rows:
        if isinstance(row, Problem):
            raise click.ClickException(f"the file changed while it was read: {row}")
        yield row


def show_progress(rows: Iterable[Row], label: str) -> Iterable[Row]:
    """A bar on a terminal after a second; nothing in a pipe."""
    bar: Iterable[Row] = tqdm(rows, desc=label, unit=" rows", delay=1, disable=None, leave=False)
    return bar


def warn_columns(warnings: Iterable[Problem]) -> None:
    """What is odd but not wrong."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def refuse_problems(problems: ProblemList) -> None:
    """Ends the command with one line per problem; nothing has been written."""
    if problems:
        for line in problems.lines():
            click.echo(line, err=True)
        raise SystemExit(1)


def print_tally(tally: Tally) -> None:
    """The result, one JSON object."""
    click.echo(json.dumps(vars(tally)))
