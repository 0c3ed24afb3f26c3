"""A vendor's shop of sixty varied cases, made once for each database; tests only read it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from flask import Flask

from dunning import create_app
from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.start import start_case
from dunning.clock import read_now
from dunning.outside.platform.order_csv import OrderRow
from dunning.records import db, transaction
from dunning.records.people import IncassoSettings
from dunning.running import current_settings
from dunning.settings import Settings
from tests.builders import (
    a_desk,
    a_user,
    a_vendor,
    an_actor,
    an_order_row,
    find_case,
    find_receivable,
    import_rows,
    pay,
    play_until,
    read_case,
)
from tests.conftest import Browser, QuickPress, administer
from tests.midnight import Daily
from tests.sent import record

SIZE = 60
NAMES = (
    ("Şükrü", "Demir", ""),
    ("Anna", "Yılmaz", ""),
    ("Małgorzata", "Wójcik", ""),
    ("Jürgen", "Groß", ""),
    ("anna", "o'Neill", "Ångström & Söhne GmbH"),
    ("Zofia", "Demirel", ""),
)
numbers = count(1)


@dataclass(frozen=True)
class Shop:
    """The app with its cases. `case_ids` are the vendor's own, `foreign` is another vendor's."""

    app: Flask
    vendor_id: int
    user_id: int
    case_ids: list[int]
    foreign: int
    today: dt.date

    def visit(self) -> Browser:
        """A browser in which the vendor is logged in."""
        browser = self.app.test_client()
        browser.login_as(self.user_id)
        return browser


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shops(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daily[Shop]]:
    """The shop on a database of its own."""
    with ExitStack() as stack:
        yield Daily(lambda: stack.enter_context(open_shop(request, tmp_path_factory.mktemp("shop"))))


@pytest.fixture
def shop(shops: Daily[Shop]) -> Shop:
    """The shop as it stands today."""
    return shops.get()


@contextmanager
def open_shop(request: pytest.FixtureRequest, home: Path) -> Iterator[Shop]:
    """A shop that is filled, with its app's context pushed."""
    environ = {"DUNNING_HOME": str(home), "DATABASE_URL": make_database(request, home)}
    app = create_app(Settings.from_environment(environ))
    app.test_client_class = Browser
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("dunning.jobs.ways.channels.LetterPress", QuickPress)
        record(db.engine, request.node)
        yield fill_shop(app)
        db.session.remove()
        db.engine.dispose()


def make_database(request: pytest.FixtureRequest, home: Path) -> str:
    """A fresh, migrated database for the whole module."""
    if request.param == "sqlite":
        file = home / "shop.db"
        file.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        return f"sqlite:///{file}"
    server, name = request.getfixturevalue("postgres_server"), f"shop_{next(numbers)}"
    administer(server, f"create database {name} template template_migrated")
    return server.format(name=name)


def fill_shop(app: Flask) -> Shop:
    """Imports sixty orders, plays the days until today, then lets people and buyers act."""
    today = current_settings().local_day(read_now())
    other = make_row(a_vendor(incasso_review=True), SIZE, today)
    vendor_id = a_vendor(incasso_review=True)
    rows = [make_row(vendor_id, number, today) for number in range(SIZE)]
    import_rows(other, *rows, on=today - dt.timedelta(100))
    play_until(today - dt.timedelta(40))
    for number, row in enumerate(rows):
        if number % 7 == 3 and find_age(number) > 60:
            pay(row.order_id, row.amount_cents, today - dt.timedelta(40))
    play_until(today - dt.timedelta(20))
    open_by_themselves(vendor_id)
    play_until(today)
    foreign, *case_ids = [find_case(find_receivable(row.order_id)) for row in (other, *rows)]
    for number, (row, case_id) in enumerate(zip(rows, case_ids, strict=True)):
        if read_case(case_id).status != "paid":
            act_on(number, row, case_id, today)
    return Shop(app, vendor_id, a_user(vendor_id=vendor_id), case_ids, foreign, today)


def find_age(number: int) -> int:
    """How many days ago an order was placed."""
    return 12 + number % 10 * 9


def make_row(vendor_id: int, number: int, today: dt.date) -> OrderRow:
    """An order like no other: day, amount, name and plan vary with its number."""
    first_name, last_name, company = NAMES[number % len(NAMES)]
    plan = {"payment_plan": "breakdown_payment", "rates": 3} if number % 10 == 9 else {}
    return an_order_row(
        vendor_id,
        order_id=f"{'abAB'[number % 4]}{number:02d}xQ",
        order_date=today - dt.timedelta(find_age(number)),
        amount_cents=10_00 + (number * 7919) % 50_000,
        first_name=first_name,
        last_name=last_name,
        company=company,
        email="",  # no reminders: nothing here is about them
        house_number="" if number % 9 == 5 else "4",
        **plan,
    )


def open_by_themselves(vendor_id: int) -> None:
    """From now on cases open without review: running, or failed without a complete address."""
    with transaction() as session:
        session.get_one(IncassoSettings, vendor_id).incasso_review = False


def act_on(number: int, row: OrderRow, case_id: int, today: dt.date) -> None:
    """What happens to the case today."""
    desk, status = a_desk(today), read_case(case_id).status
    if number % 4 == 0 and row.house_number and status == "awaiting_approval":
        start_case(case_id, an_actor(case_id), desk)
    if number % 8 in (4, 5):
        cancel_case(case_id, an_actor(case_id), desk)
    elif number % 7 == 3:
        pay(row.order_id, row.amount_cents, today)
    elif number % 6 == 2:
        pay(row.order_id, 5_00, today)
