"""A real browser on a real server: Debian's Chromium, the app on a loopback port."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

AXE = Path(__file__).parent / "vendor/axe-4.14.1.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


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

    Its relative addresses are the app's; what the browser complains of is in `page.complaints`.
    """
    with ExitStack() as ends:

        def open_one(app: Flask, user_id: int | None = None, **options) -> Page:
            address = ends.enter_context(serve(app))
            context = chromium.new_context(base_url=address, **options)
            ends.callback(context.close)
            if user_id:
                visitor = app.test_client()
                visitor.login_as(user_id)
                value = visitor.get_cookie("session").value
                context.add_cookies([{"name": "session", "value": value, "url": address}])
            page = context.new_page()
            page.complaints = []
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
            return page

        yield open_one


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe finds on the page as it is now, one line per rule with the first elements."""

    def list_violations(page: Page) -> list[str]:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
        return [f"{v['id']}: {[node['html'][:120] for node in v['nodes'][:3]]}" for v in found]

    return list_violations
