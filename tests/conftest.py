"""What every test can ask for: settings in a folder of its own, an app on either database, real servers."""

import datetime as dt
import gc
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from pypdf import PdfWriter
from sqlalchemy import create_engine, text

from dunning import create_app
from dunning.actions.people import passwords
from dunning.actions.people.login_sessions import begin_session
from dunning.cli.check import check_letters
from dunning.clock import read_now
from dunning.jobs.ways.channels import close_channels
from dunning.migrations.commands import upgrade_schema
from dunning.records import db
from dunning.records.queries.checks.invariants import list_violations
from dunning.rules.letters.letter import Letter
from dunning.settings import Settings
from tests.cleaning import empty_tables
from tests.clusters import postgres_cluster, redis_server
from tests.database_kinds import KINDS, SIGHTINGS, is_full_run, is_left_out
from tests.lending import lend_app
from tests.midnight import pytest_runtest_setup  # noqa: F401 - a hook
from tests.names import numbers as names
from tests.sent import forget, record
from tests.sharing import give_back, share_connections, share_presses, share_statements, share_url_builders

# of what waits nothing is late yet: tests leave work behind
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
ROOT = Path(__file__).parents[1]
csrf_field = re.compile(r'name="csrf_token" value="([^"]+)"')
SECRET = "5" * 64
numbers = count(1)
LONGEST_FILES = (
    *("test_replay.py", "test_processes.py", "test_supervisor.py", "test_transitions.py"),
    *("test_patience.py", "test_once.py"),
)
known_databases: set[str] = set()
spare_databases: list[str] = []

# The same examples every time: a check that others wait for must not fail by luck. To search for new ones:
# pytest --hypothesis-profile=default
hypothesis_settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis_settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """Markers of our own."""
    config.addinivalue_line("markers", "unsound: leaves broken invariants behind on purpose")
    config.addinivalue_line("markers", "long: left to `make test-long`, where all takes its time")


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """A test that is content with one kind of database leaves the other to `make test-long`."""
    if is_left_out(item):
        item.add_marker("long")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that no worker is left alone with it at the end; the rest stays shuffled."""
    items.sort(key=lambda item: item.path.name not in LONGEST_FILES)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through all of it again and again took a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Workers hand in what they saw; who has seen all compares, and an otherwise green full run turns red."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["sightings"] = (dict(SIGHTINGS.seen), dict(SIGHTINGS.alone))
    elif exitstatus == 0 and is_full_run(session.config) and SIGHTINGS.list_unseen():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """Names the statements that made a full run red, below the line that counts so many passed."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    unseen = SIGHTINGS.list_unseen() if terminal and is_full_run(config) else []
    if unseen:
        terminal.section("RED: statements on one kind of database only", red=True)
        terminal.line("Let the module run on both, or say why not: tests/database_kinds.py")
        terminal.line("\n".join(unseen))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has ended."""
    SIGHTINGS.merge(*getattr(node, "workeroutput", {}).get("sightings", ({}, {})))


class Browser(FlaskClient):
    """A test client that sends forms as a browser does: with the token of the page it is on."""

    def open(self, *args, **options):
        """A request in a context of its own, as on a server; the test's own reading begins anew after it."""
        with self.application.app_context():
            answer = super().open(*args, **options)
        db.session.rollback()
        return answer

    def token(self) -> str:
        """A valid token of this session, read from a page."""
        page = self.get("/login", follow_redirects=False)
        page = page if page.status_code == 200 else self.get("/nowhere")
        return csrf_field.search(page.text)[1]

    def send(self, path: str, data: dict | None = None, **options):
        """POSTs a form with its token."""
        return self.post(path, data={"csrf_token": self.token()} | (data or {}), **options)

    def login_as(self, user_id: int) -> None:
        """Logs in without spending time on a password: a real session row and its cookie."""
        with self.application.app_context():
            token = begin_session(user_id, read_now())
        db.session.rollback()
        with self.session_transaction() as session:
            session["_user_id"] = token


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    """Compiled translations, as `make setup` makes them."""
    for source in (ROOT / "translations").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            words = [sys.executable, "-m", "babel.messages.frontend", "-q", "compile", "-f"]
            subprocess.run([*words, "-i", str(source), "-o", str(target)], check=True)


@pytest.fixture(scope="session", autouse=True)
def own_hasher() -> Iterator[PasswordHasher]:
    """Passwords cost tests next to nothing; yields the hasher of the product."""
    with pytest.MonkeyPatch.context() as patch:
        own = passwords.hasher
        patch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield own


@pytest.fixture(scope="session", autouse=True)
def url_builders() -> Iterator[None]:
    """Routes are compiled once."""
    with pytest.MonkeyPatch.context() as patch:
        share_url_builders(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def presses() -> Iterator[None]:
    """Letters are printed by few children."""
    with pytest.MonkeyPatch.context() as patch:
        yield from share_presses(patch)


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """`make_settings(PORT="1")`: settings whose home is the test's own folder."""
    return lambda **environ: Settings.from_environment({"DUNNING_HOME": str(tmp_path / "home")} | environ)


@pytest.fixture
def secret_home(tmp_path: Path) -> Path:
    """The test's home, with the secret that all tests have: links in mails are the same in each."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "secret").write_text(SECRET, encoding="ascii")
    return home


@pytest.fixture
def settings(secret_home: Path, make_settings: Callable[..., Settings], sqlite_url: str) -> Settings:
    """Development settings on a fresh SQLite file."""
    return make_settings(DATABASE_URL=sqlite_url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file to copy."""
    home = tmp_path_factory.mktemp("template")
    app = create_app(Settings.from_environment({"DUNNING_HOME": str(home)}))
    with app.app_context():
        upgrade_schema()
        db.session.execute(text("pragma wal_checkpoint(truncate)"))
        db.session.remove()
        db.engine.dispose()
    return home / "dunning.db"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite database."""
    file = tmp_path / "test.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A private cluster with a migrated template database; yields its URL with {name} for the database."""
    with postgres_cluster() as url:
        administer(url, "create database template_migrated")
        home = str(tmp_path_factory.mktemp("postgres"))
        environ = {"DUNNING_HOME": home, "DATABASE_URL": url.format(name="template_migrated")}
        app = create_app(Settings.from_environment(environ))
        with app.app_context():
            upgrade_schema()
            db.session.remove()
            db.engine.dispose()
        yield url


def administer(url: str, statement: str) -> None:
    """Runs a statement that PostgreSQL wants outside of a transaction."""
    engine = create_engine(url.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A migrated PostgreSQL database without rows. Emptying one is far quicker than making one."""
    name = spare_databases.pop() if spare_databases else f"test_{next(numbers)}"
    if name not in known_databases:
        administer(postgres_server, f"create database {name} template template_migrated")
        known_databases.add(name)
    yield postgres_server.format(name=name)
    if empty_tables(postgres_server.format(name=name)):
        spare_databases.append(name)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, migrated database: the test runs once on each kind, or as `database_kinds` says."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis on a socket."""
    with redis_server() as url:
        yield url


def run_app(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The app with its context pushed, so that tests can use verbs and tables directly.

    What a test has written must keep the invariants, unless the test is marked `unsound`: it broke one by hand.
    """
    with lend_app(settings) as app, app.app_context(), names.anew():
        app.test_client_class = Browser
        share_statements(db.engine)
        share_connections(db.engine)
        sent = record(db.engine, request.node)
        yield app
        close_channels()
        db.session.rollback()
        sound = request.node.get_closest_marker("unsound") is None
        violations = list(check_all(settings)) if sound and sent.writes else []
        db.session.remove()
        forget(db.engine)
        give_back(db.engine)
    assert violations == []


def check_all(settings: Settings) -> Iterator[str]:
    """What `flask check` would say."""
    yield from list_violations(db.session(), settings.policy, LONG_AGO)
    yield from check_letters(None)


@pytest.fixture
def app(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An app on SQLite."""
    yield from run_app(settings, request)


@pytest.fixture
def each_app(
    secret_home: Path, make_settings: Callable[..., Settings], database: str, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """An app on SQLite, then one on PostgreSQL."""
    yield from run_app(make_settings(DATABASE_URL=database), request)


@pytest.fixture
def make_app(
    secret_home: Path, make_settings: Callable[..., Settings], database: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Flask]]:
    """`make_app(SMTP_URL=url)`: an app with settings of the test's own, on SQLite, then on PostgreSQL."""
    opened = contextmanager(run_app)
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(
            opened(make_settings(DATABASE_URL=database, **environ), request)
        )


class QuickPress:
    """Letters whose bytes matter to nobody: what is printed is tested elsewhere."""

    def render(self, letter: Letter) -> bytes:
        """An empty page, the same for the same letter."""
        empty, pdf = PdfWriter(), BytesIO()
        empty.add_blank_page(595, 842)
        empty.add_metadata({"/Subject": letter.to_json()})
        empty.write(pdf)
        return pdf.getvalue()

    def close(self) -> None:
        """There is no child process."""


@pytest.fixture
def quick_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters cost no time."""
    monkeypatch.setattr("dunning.jobs.ways.channels.LetterPress", QuickPress)


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser without scripts that nobody is logged in with."""
    return app.test_client()


@pytest.fixture
def login() -> Callable[[Browser, int], Browser]:
    """`login(client, user_id)`: the browser, logged in."""

    def log_in(browser: Browser, user_id: int) -> Browser:
        browser.login_as(user_id)
        return browser

    return log_in
