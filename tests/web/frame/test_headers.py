"""Every answer carries the headers that keep foreign code out and people's data off disks."""

import pytest
from flask import request

from dunning import create_app
from tests.conftest import Browser

EVERY_KIND = [
    "/",
    "/login",
    "/nowhere",
    "/livez",
    "/readyz",
    "/logout",
    "/static/app.css",
    "/static/none.css",
]
PRODUCTION = {
    "DUNNING_ENV": "production",
    "REDIS_URL": "redis://redis.example:6379",
    "SMTP_URL": "smtp://mail.example:587",
    "STORAGE_URL": "s3://letters/x",
    "PARTNER_URL": "https://partner.example",
    "PARTNER_TOKEN": "token",
    "PARTNER_WEBHOOK_SECRET": "key",
    "SECRET_KEY": "k" * 32,
}


@pytest.fixture
def production_client(make_settings, sqlite_url, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(
        '[creditor]\nname = "Shop AG"\niban = "DE89370400440532013000"\n[partner]\nname = "Inkasso AG"\n'
    )
    app = create_app(make_settings(DATABASE_URL=sqlite_url, DUNNING_POLICY=str(policy), **PRODUCTION))
    app.test_client_class = Browser
    with app.app_context():
        yield app.test_client()


@pytest.mark.parametrize("path", EVERY_KIND)
def test_nothing_foreign_runs_and_nothing_frames_us(client, path):
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [path for path in EVERY_KIND if not path.startswith("/static")])
def test_pages_are_not_stored(client, path):
    assert client.get(path).headers["Cache-Control"] == "private, no-store"


def test_only_production_insists_on_tls(client, production_client):
    assert "Strict-Transport-Security" not in client.get("/login").headers
    assert "max-age=31536000" in production_client.get("/login").headers["Strict-Transport-Security"]


def test_the_sandbox_partners_desk_stands_in_development_only(client, production_client):
    assert client.get("/sandbox").status_code == 200
    assert production_client.get("/sandbox").status_code == 404


def test_the_session_cookie_in_production_belongs_to_this_host_and_to_tls(production_client):
    cookie = production_client.get("/login", base_url="https://shop.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_session_cookie_of_development_is_closed_to_scripts(client):
    cookie = client.get("/login").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(make_settings, sqlite_url):
    seen = {}
    for trusted in ("0", "1"):
        app = create_app(make_settings(DATABASE_URL=sqlite_url, TRUSTED_PROXIES=trusted))
        headers = {
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "shop.example",
            "X-Forwarded-For": "9.9.9.9",
        }
        app.view_functions["health.answer_alive"] = lambda: f"{request.remote_addr} {request.host_url}"
        seen[trusted] = app.test_client().get("/livez", headers=headers).text
    assert seen == {"0": "127.0.0.1 http://localhost/", "1": "9.9.9.9 https://shop.example/"}
