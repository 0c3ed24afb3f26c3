"""Who may what: a table without gaps, and strangers who learn nothing."""

import pytest
from flask import Blueprint

from dunning import create_app
from dunning.web.frame import access
from dunning.web.frame.access import ACCESS, ADMIN, ANYONE, PUBLIC, STAFF, VENDOR
from tests.builders import a_user
from tests.conftest import Browser

ROLES = ("vendor", "support", "admin")


@pytest.fixture
def doors(make_settings, sqlite_url, monkeypatch):
    """An app with one page for each kind of entry."""
    pages = Blueprint("doors", __name__)
    for name, allowed in {"vendor": VENDOR, "staff": STAFF, "admin": ADMIN, "anyone": ANYONE}.items():
        pages.add_url_rule(f"/doors/{name}", name, lambda: "open", methods=["GET", "POST"])
        monkeypatch.setitem(ACCESS, f"doors.{name}", allowed)
    monkeypatch.setattr("dunning.web.frame.frame.PAGES", (pages,))
    app = create_app(make_settings(DATABASE_URL=sqlite_url))
    app.test_client_class = Browser
    with app.app_context():
        yield app.test_client()


@pytest.mark.parametrize(
    ("door", "opens_for"),
    [("vendor", {"vendor"}), ("staff", {"support", "admin"}), ("admin", {"admin"}), ("anyone", set(ROLES))],
)
def test_a_door_opens_for_its_roles_and_is_not_there_for_others(doors, door, opens_for):
    for role in ROLES:
        doors.login_as(a_user(role))
        assert doors.get(f"/doors/{door}").status_code == (200 if role in opens_for else 404)
        assert doors.send(f"/doors/{door}").status_code == (200 if role in opens_for else 404)


def test_whoever_is_not_logged_in_is_asked_to_and_led_back(doors):
    answer = doors.get("/doors/vendor?q=a%26b")
    assert (answer.status_code, answer.location) == (303, "/login?next=/doors/vendor%3Fq%3Da%2526b")
    page = doors.get(answer.location).text
    assert 'name="next" value="/doors/vendor?q=a%26b"' in page


def test_after_a_form_nobody_is_led_back_to_it(doors):
    assert doors.send("/doors/vendor").location == "/login"


def test_htmx_is_told_to_leave_the_page_when_the_session_has_ended(doors):
    answer = doors.get("/doors/vendor", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login")


def test_a_page_without_an_entry_keeps_the_app_from_starting(make_settings, sqlite_url, monkeypatch):
    pages = Blueprint("forgotten", __name__)
    pages.add_url_rule("/forgotten", "page", lambda: "open")
    monkeypatch.setattr("dunning.web.frame.frame.PAGES", (pages,))
    with pytest.raises(RuntimeError, match=r"forgotten\.page"):
        create_app(make_settings(DATABASE_URL=sqlite_url))


def test_the_table_names_no_page_that_does_not_exist(app):
    assert set(ACCESS) - set(app.view_functions) == set()


def test_everything_under_admin_is_for_staff(app):
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            assert ACCESS[rule.endpoint] in (access.STAFF, access.ADMIN), rule.rule


def test_pages_open_to_everybody_are_counted(app):
    public = {endpoint for endpoint in app.view_functions if ACCESS[endpoint] == PUBLIC}
    assert public == {
        "static",
        "auth.go_home",
        "auth.show_login",
        "auth.log_in",
        "auth.log_out",
        "health.answer_alive",
        "health.answer_ready",
        "theme.choose_theme",
        "ipn.take_event",
        "password.ask_reset",
        "password.send_link",
        "password.show_reset",
        "password.save_password",
        "bounce.take_bounce",
        "partner_webhook.take_delivery",
        "sandbox_page.show_claims",
        "sandbox_page.show_one",
        "sandbox_page.accept_one",
        "sandbox_page.reject_one",
        "sandbox_page.do_one",
        "sandbox_page.pause_one",
        "sandbox_page.withdraw_one",
        "sandbox_page.book_one",
        "sandbox_page.return_one",
        "sandbox_page.ask_one",
        "sandbox_page.decide_one",
    }
