"""A real browser on a real server: Debian's Chromium, the app on a loopback port."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import text
from werkzeug.serving import make_server

from dunning import create_app
from dunning.records import db
from dunning.settings import Settings
from tests.browser.shop import fill_shop
from tests.conftest import QuickPress, run_app
from tests.midnight import Daily

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# what Chromium says of an answer of 400 or more, and of none; whether that was right is the test's question
ANSWERS = "Failed to load resource"


@pytest.fixture(scope="session")
def filled_homes(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Daily[Path]:
    """A folder with the shop's database and files, to copy."""
    return Daily(lambda: fill_home(tmp_path_factory.mktemp("shop") / "home", sqlite_template))


def fill_home(home: Path, sqlite_template: Path) -> Path:
    """The shop as it stands today."""
    home.mkdir()
    shutil.copy(sqlite_template, home / "dunning.db")
    app = create_app(Settings.from_environment({"DUNNING_HOME": str(home)}))
    with pytest.MonkeyPatch.context() as patch, app.app_context():
        patch.setattr("dunning.jobs.ways.channels.LetterPress", QuickPress)
        fill_shop()
        db.session.execute(text("pragma wal_checkpoint(truncate)"))
        db.session.remove()
        db.engine.dispose()
    return home


@pytest.fixture
def shop(
    filled_homes: Daily[Path],
    tmp_path: Path,
    make_settings: Callable[..., Settings],
    request: pytest.FixtureRequest,
) -> Iterator[Flask]:
    """The shop of `tests.browser.shop`, a copy for each test."""
    shutil.copytree(filled_homes.get(), tmp_path / "home")
    yield from run_app(make_settings(), request)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each page gets a fresh context."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """The app on a free port of this machine; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(app, user_id, java_script_enabled=False)`: a page of its own, logged in when a user is given.

    Its relative addresses are the app's; what the browser complains of is in `page.complaints`. Scripts that break,
    what the content policy stops and requests to other hosts fail the test.
    """
    pages: list[Page] = []
    with ExitStack() as ends:

        def open_one(app: Flask, user_id: int | None = None, **options) -> Page:
            address = ends.enter_context(serve(app))
            context = chromium.new_context(base_url=address, reduced_motion="reduce", **options)
            ends.callback(context.close)
            if user_id:
                visitor = app.test_client()
                visitor.login_as(user_id)
                value = visitor.get_cookie("session").value
                context.add_cookies([{"name": "session", "value": value, "url": address}])
            page = context.new_page()
            page.complaints = []
            pages.append(page)
            page.on("request", lambda asked: page.complaints.extend(name_foreign(asked.url)))
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
            return page

        yield open_one
        assert [line for page in pages for line in page.complaints if not line.startswith(ANSWERS)] == []


def name_foreign(url: str) -> list[str]:
    """The address, when it leads off this machine."""
    parts = urlsplit(url)
    return [] if parts.scheme == "data" or parts.hostname == "127.0.0.1" else [f"foreign: {url}"]
