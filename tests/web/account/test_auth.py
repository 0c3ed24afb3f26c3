"""Logging in and out: sessions are rows, and nobody learns which accounts exist."""

import datetime as dt
import re

import pytest
import time_machine
from argon2.profiles import RFC_9106_LOW_MEMORY

from dunning import create_app
from dunning.records import db
from dunning.records.people import LoginSession
from dunning.web.request.extensions import limiter
from tests.builders import PASSWORD, a_user
from tests.conftest import Browser

csrf_field = re.compile(r'(name="csrf_token" value=|"X-CSRFToken": )"[^"]+"')


def log_in(client, email, password=PASSWORD, **more):
    return client.send("/login", {"email": email, "password": password, **more})


def test_a_vendor_lands_on_the_cases(client):
    a_user(email="anna@example.com")
    answer = log_in(client, "anna@example.com")
    assert (answer.status_code, answer.location) == (303, "/cases")


@pytest.mark.parametrize("role", ["support", "admin"])
def test_staff_land_on_all_vendors_cases(client, role):
    a_user(role, email="sam@example.com")
    assert log_in(client, "sam@example.com").location == "/admin/cases"


def test_the_address_is_read_in_any_case(client):
    a_user(email="anna@example.com")
    assert log_in(client, " Anna@Example.com ").status_code == 303


def test_unknown_account_and_wrong_password_get_the_same_page(client):
    a_user(email="anna@example.com")
    known = log_in(client, "anna@example.com", "wrong password")
    unknown = log_in(client, "nobody@example.com", "wrong password")
    assert known.status_code == unknown.status_code == 422
    assert csrf_field.sub("", known.text) == csrf_field.sub("", unknown.text).replace("nobody@", "anna@")


def test_what_was_typed_stays_but_not_the_password(client):
    page = log_in(client, "anna@example.com", "wrong password").text
    assert 'value="anna@example.com"' in page
    assert "wrong password" not in page


def test_a_disabled_user_cannot_log_in(client):
    a_user(email="anna@example.com", active=False)
    assert log_in(client, "anna@example.com").status_code == 422


def test_a_cookie_copied_before_logout_is_dead_after_it(client, app):
    client.login_as(a_user())
    copied = client.get_cookie("session").value
    assert client.get("/login").status_code == 303
    client.send("/logout")
    thief = app.test_client()
    thief.set_cookie("session", copied)
    assert thief.get("/login").status_code == 200


def test_login_begins_a_new_session_and_ends_the_old_one(client):
    user_id = a_user(email="anna@example.com")
    client.login_as(user_id)
    log_in(client, "anna@example.com")
    rows = db.session.scalars(db.select(LoginSession).order_by(LoginSession.created_at)).all()
    assert [row.ended_at is None for row in rows] == [False, True]


def test_the_table_does_not_hold_what_the_cookie_holds(client):
    client.login_as(a_user())
    with client.session_transaction() as session:
        token = session["_user_id"]
    row = db.session.scalar(db.select(LoginSession))
    assert token not in row.id
    assert len(row.id) == 64


@pytest.mark.parametrize(("hours", "status"), [(11.9, 303), (12.1, 200)])
def test_a_session_ends_after_twelve_idle_hours(client, hours, status):
    start = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        client.login_as(a_user())
        clock.shift(dt.timedelta(hours=hours))
        assert client.get("/login").status_code == status


def test_a_session_in_use_ends_after_seven_days_all_the_same(client):
    start = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        client.login_as(a_user())
        seen = []
        for _ in range(17):
            clock.shift(dt.timedelta(hours=10))
            seen.append(client.get("/login").status_code)
    assert seen == [303] * 16 + [200]


def test_a_disabled_user_is_out_at_once(client):
    user_id = a_user()
    client.login_as(user_id)
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"update users set active = false where id = {user_id}")
        connection.commit()
    assert client.get("/login").status_code == 200


@pytest.mark.parametrize("target", ["/cases?q=a", "/cases/7"])
def test_after_login_the_wanted_page_opens(client, target):
    a_user(email="anna@example.com")
    assert log_in(client, "anna@example.com", next=target).location == target


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "\\\\evil",
        "/\t/evil.test",
        "javascript:x",
        " //evil",
    ],
)
def test_other_sites_are_not_where_a_login_leads(client, target):
    a_user(email="anna@example.com")
    assert log_in(client, "anna@example.com", next=target).location == "/cases"


def test_the_eleventh_failure_of_an_account_is_refused_even_with_the_right_password(client):
    a_user(email="anna@example.com")
    for _ in range(10):
        assert log_in(client, "anna@example.com", "wrong password").status_code == 422
    assert log_in(client, "anna@example.com").status_code == 429


def test_successful_logins_do_not_count(client):
    a_user(email="anna@example.com")
    for _ in range(12):
        assert log_in(client, "anna@example.com").status_code == 303
        client.send("/logout")


def test_one_address_cannot_try_many_accounts(client):
    answers = [log_in(client, f"u{n}@example.com", "wrong password").status_code for n in range(31)]
    assert answers == [422] * 30 + [429]


def test_machines_count_together_through_redis(monkeypatch, make_settings, sqlite_url, redis_url):
    # the limiter is one for the process and may still count in memory, for a test before had no Redis
    monkeypatch.setattr(limiter, "_storage_dead", False)
    apps = [create_app(make_settings(DATABASE_URL=sqlite_url, REDIS_URL=redis_url)) for _ in range(2)]
    answers = []
    for turn in range(11):
        app = apps[turn % 2]
        app.test_client_class = Browser
        with app.app_context():
            answers.append(log_in(app.test_client(), "anna@example.com", "wrong password").status_code)
    assert answers == [422] * 10 + [429]


def test_a_login_without_token_is_refused(client):
    answer = client.post("/login", data={"email": "a@example.com", "password": "x"})
    assert answer.status_code == 400


def test_a_password_costs_what_rfc_9106_asks_for(own_hasher):
    asked = RFC_9106_LOW_MEMORY
    used = (own_hasher.type, own_hasher.time_cost, own_hasher.memory_cost, own_hasher.parallelism)
    assert used == (asked.type, asked.time_cost, asked.memory_cost, asked.parallelism)
