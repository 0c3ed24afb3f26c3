"""The frame in Chromium: boosted pages, focus, failures said aloud, shortcuts, themes; and without scripts."""

import pytest
from flask import Blueprint, abort, flash, render_template_string, request
from playwright.sync_api import expect

from dunning import create_app
from dunning.web.frame.access import ACCESS, ANYONE
from dunning.web.request.answers import see_other
from tests.browser.looks import list_flaws
from tests.builders import PASSWORD, a_user
from tests.conftest import Browser

PAGE = """
{% extends "base.html" %}{% from "fields.html" import csrf_field, text_field %}
{% block title %}{{ name }}{% endblock %}
{% block main %}
<h1>{{ name }}</h1>
<a id="next" href="/trial/second">Weiter</a>
<form method="post" action="/trial/save">{{ csrf_field() }}
{{ text_field("word", "Wort", values, errors) }}<button>Sichern</button></form>
<form id="broken" method="post" action="/trial/break">{{ csrf_field() }}<button>Brechen</button></form>
<div id="part"></div><button id="fill" hx-get="/trial/missing" hx-target="#part">Holen</button>
<form method="get" action="/trial/first" hx-trigger="input delay:50ms from:#q, submit">
<input id="q" name="q" aria-label="Filter" value="{{ q }}"></form>
<table>{% for n in (1, 2, 3) %}
<tr id="case-{{ n }}" data-order-id="o{{ n }}">
<th><a href="#case-{{ n }}">{{ n }}</a></th>
<td><form method="post" action="/trial/{{ n }}/start">{{ csrf_field() }}<button>Starten</button></form></td></tr>
{% endfor %}</table>
{% endblock %}"""


def show(name, status=200, **values):
    blank = {"values": {}, "errors": {}, "q": request.args.get("q", "")}
    return render_template_string(PAGE, name=name, **(blank | values)), status


@pytest.fixture
def trial(make_settings, sqlite_url, monkeypatch):
    """An app with two pages and forms that succeed, are refused and break."""
    pages = Blueprint("trial", __name__, url_prefix="/trial")

    @pages.get("/<name>")
    def see(name):
        return abort(404) if name == "missing" else show(name)

    @pages.post("/save")
    def save():
        if not request.form["word"]:
            return show("first", 422, errors={"word": "Bitte ausfüllen"})
        flash("Gesichert")
        return see_other("/trial/second")

    @pages.post("/break")
    def fail():
        raise RuntimeError

    @pages.post("/<int:number>/start")
    def start(number):
        return see_other(f"/trial/started-{number}")

    for view in ("see", "save", "fail", "start"):
        monkeypatch.setitem(ACCESS, f"trial.{view}", ANYONE)
    monkeypatch.setattr("dunning.web.frame.frame.PAGES", (pages,))
    monkeypatch.setitem(ACCESS, "health.answer_alive", ANYONE)
    app = create_app(make_settings(DATABASE_URL=sqlite_url))
    app.test_client_class = Browser
    with app.app_context():
        yield app


@pytest.fixture
def page(trial, open_page):
    """The first page, logged in, loaded."""
    page = open_page(trial, a_user())
    page.goto("/trial/first")
    page.evaluate("window.loadedOnce = true")
    return page


def was_reloaded(page):
    return not page.evaluate("window.loadedOnce === true")


def test_the_pages_run_under_the_strict_policy_without_a_complaint(page):
    page.click("#next")
    expect(page.locator("h1")).to_have_text("second")
    assert page.complaints == []


def test_a_link_swaps_the_page_in_and_moves_the_focus_to_its_heading(page):
    page.click("#next")
    expect(page.locator("h1")).to_be_focused()
    assert (page.url.endswith("/trial/second"), page.title()) == (True, "second · Mahnlauf")
    assert not was_reloaded(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text("first")


def test_a_form_that_is_fine_ends_on_the_next_page_and_says_so(page):
    page.fill("#word", "etwas")
    page.click("text=Sichern")
    expect(page.locator("#status")).to_contain_text("Gesichert")
    assert page.url.endswith("/trial/second")
    assert not was_reloaded(page)


def test_a_form_that_is_not_fine_keeps_the_page_and_puts_the_focus_on_the_field(page):
    page.click("text=Sichern")
    expect(page.locator("#word-error")).to_have_text("Bitte ausfüllen")
    expect(page.locator("#word")).to_be_focused()
    assert not was_reloaded(page)


def test_a_server_error_is_said_aloud_and_changes_nothing(page):
    page.click("#broken button")
    expect(page.locator("#alert")).to_contain_text("Nicht gespeichert")
    expect(page.locator("h1")).to_have_text("first")
    page.click("#next")
    expect(page.locator("h1")).to_have_text("second")
    expect(page.locator("#alert")).to_be_empty()


def test_a_missing_connection_is_said_aloud(page):
    page.context.set_offline(True)
    page.click("#next")
    expect(page.locator("#alert")).to_contain_text("Keine Verbindung")
    assert [line for line in page.complaints if "Failed to fetch" in line]
    page.complaints.clear()


def test_an_error_of_a_fragment_is_said_aloud_and_leaves_the_page_alone(page):
    page.click("#fill")
    expect(page.locator("#alert")).to_contain_text("Diese Seite gibt es nicht")
    expect(page.locator("#part")).to_be_empty()
    expect(page.locator("h1")).to_have_text("first")


def test_typing_into_a_filter_keeps_the_focus(page):
    page.click("#q")
    # at once: this form is swapped itself, and a key that comes between question and answer would be lost
    page.keyboard.insert_text("ab")
    page.wait_for_url("**/trial/first?q=ab")
    expect(page.locator("#q")).to_be_focused()


def test_one_key_shortcuts_move_and_start(page):
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.cur")).to_have_attribute("data-order-id", "o2")
    page.keyboard.press("k")
    page.keyboard.press("s")
    expect(page.locator("h1")).to_have_text("started-1")


def test_slash_goes_to_the_search_and_letters_in_a_field_are_letters(page):
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("jk?s")
    expect(page.locator("#search")).to_have_value("jk?s")
    assert page.locator("tr.cur").count() == 0


def test_shortcuts_can_be_switched_off(page):
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.locator("tr.cur").count() == 0
    page.reload()
    page.keyboard.press("j")
    assert page.locator("tr.cur").count() == 0


def test_a_dark_system_gets_a_dark_page_and_the_button_a_light_one(trial, open_page):
    page = open_page(trial, a_user(), color_scheme="dark")
    page.goto("/trial/first")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.click("[data-theme-form] button")
    expect(html).to_have_attribute("data-bs-theme", "light")
    assert page.url.endswith("/trial/first")


@pytest.mark.parametrize("scripts", [True, False])
def test_login_language_theme_and_logout_work_with_and_without_scripts(trial, open_page, scripts):
    a_user(email="anna@example.com")
    page = open_page(trial, java_script_enabled=scripts)
    page.goto("/login?next=/trial/first")
    page.fill("#email", "anna@example.com")
    page.fill("#password", "wrong password")
    page.click("button:has-text('Anmelden')")
    expect(page.get_by_role("alert").filter(has_text="stimmt nicht")).to_be_visible()
    page.fill("#password", PASSWORD)
    if scripts:
        page.evaluate("window.loadedOnce = true")
    page.click("button:has-text('Anmelden')")
    expect(page.locator("h1")).to_have_text("first")
    # the token in <body> belongs to a session: whoever changes it must load the page anew
    assert not scripts or was_reloaded(page)
    page.fill("#word", "etwas")
    page.click("text=Sichern")
    expect(page.locator("#status")).to_contain_text("Gesichert")
    page.click("a[hreflang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("[data-theme-form] button")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.click("details.menu summary")
    page.click("text=Log out")
    expect(page.locator("h1")).to_have_text("Log in")
    page.goto("/trial/first")
    expect(page.locator("h1")).to_have_text("Log in")


def test_a_session_that_ended_leads_to_the_login_also_from_a_boosted_link(page):
    page.context.clear_cookies()
    page.click("#next")
    expect(page.locator("h1")).to_have_text("Anmelden")


@pytest.mark.parametrize("language", ["de", "en"])
def test_login_and_error_pages_have_nothing_axe_finds(app, open_page, language):
    page = open_page(app)
    for path in (f"/login?lang={language}", "/nowhere", "/login?lang=xx"):
        page.goto(path)
        assert list_flaws(page) == []


def test_the_header_menu_and_key_list_have_nothing_axe_finds(app, open_page):
    page = open_page(app, a_user(email="a@example.com"))
    page.goto("/nowhere")
    page.click("details.menu summary")
    assert list_flaws(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert list_flaws(page) == []
