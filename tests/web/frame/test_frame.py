"""The frame around every page: guards, errors, form keys, static files."""

import re

import pytest
from flask import Blueprint
from werkzeug.exceptions import HTTPException

from dunning import create_app
from dunning.records import transaction
from dunning.records.people import FormKey
from dunning.rules.statuses import Refused
from dunning.web.frame import pages as page_list
from dunning.web.frame.access import ACCESS, ANYONE
from dunning.web.request.answers import see_other
from tests.builders import NOW, a_user
from tests.conftest import Browser


@pytest.fixture
def trial(make_settings, sqlite_url, monkeypatch):
    """An app with a few pages that go wrong on purpose, and someone logged in."""
    pages = Blueprint("trial", __name__)

    @pages.route("/trial/<what>", methods=["GET", "POST"])
    def go_wrong(what):
        if what == "refused":
            raise Refused("paid", "start", "vendor")
        if what == "overtaken":
            keep_key()
            raise Refused("paid", "start", "vendor")
        if what == "raced":
            keep_key()
            keep_key(location="/second")
        if what == "fine":
            return see_other("/done")
        raise RuntimeError("Anna Berger owes DE02120300000000202051")

    monkeypatch.setattr(page_list, "PAGES", (*page_list.PAGES, pages))
    monkeypatch.setattr("dunning.web.frame.frame.PAGES", page_list.PAGES)
    monkeypatch.setitem(ACCESS, "trial.go_wrong", ANYONE)
    app = create_app(make_settings(DATABASE_URL=sqlite_url))
    app.test_client_class = Browser
    with app.app_context():
        browser = app.test_client()
        browser.login_as(a_user())
        yield browser


def keep_key(key="k1", location="/first"):
    with transaction() as session:
        session.add(FormKey(key=key, user_id=1, location=location, created_at=NOW))


def test_a_failure_shows_a_number_and_logs_it_without_names(capsys, trial):
    answer = trial.get("/trial/broken")
    number = re.search(r"<code[^>]*>([0-9a-f]{8})</code>", answer.text)[1]
    logged = capsys.readouterr().err
    assert answer.status_code == 500
    assert number in logged
    assert "RuntimeError" in logged
    assert "Traceback" not in answer.text
    assert not re.search("Anna|Berger|DE02", answer.text + logged)


def test_a_refused_change_is_409_and_says_the_status(trial):
    answer = trial.get("/trial/refused")
    assert answer.status_code == 409
    assert "Der Fall ist „Bezahlt“" in answer.text


def test_an_error_in_a_fragment_goes_to_the_alert_region(trial):
    answer = trial.get("/trial/refused", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert answer.status_code == 409
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#alert", "innerHTML")
    assert "<html" not in answer.text


def test_a_fragments_form_is_told_where_to_go_instead_of_swapping_the_page_in(trial):
    answer = trial.send("/trial/fine", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/done")


def test_a_repeated_form_is_shown_the_first_result_and_does_nothing_again(trial):
    assert trial.send("/trial/broken", {"form_key": "k1"}).status_code == 500
    keep_key()
    answer = trial.send("/trial/broken", {"form_key": "k1"})
    assert (answer.status_code, answer.location) == (303, "/first")
    assert trial.send("/trial/fine", {"form_key": "k2"}).location == "/done"


@pytest.mark.parametrize("what", ["raced", "overtaken"])
def test_of_two_forms_at_once_the_second_is_shown_the_first_result(trial, what):
    answer = trial.send(f"/trial/{what}", {"form_key": "k1"})
    assert (answer.status_code, answer.location) == (303, "/first")


def test_a_form_key_is_its_owners_alone(trial, app):
    other = trial.application.test_client()
    other.login_as(a_user())
    assert other.send("/trial/raced", {"form_key": "k1"}).status_code == 500
    assert other.send("/trial/fine", {"form_key": "k1"}).location == "/done"


def test_an_unknown_page_is_404_in_german(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in answer.text


def test_a_page_that_wants_a_button_is_405(client):
    answer = client.get("/logout")
    assert (answer.status_code, sorted(answer.headers["Allow"].split(", "))) == (405, ["OPTIONS", "POST"])


@pytest.mark.parametrize(
    "query", ["?" + "&".join(["a=1"] * 10_000), "?a=%00", "?%00=a", "?lang=xx", "?lang=en&x=%00"]
)
def test_strange_parameters_are_400_with_a_way_back(client, query):
    answer = client.get("/login" + query)
    assert answer.status_code == 400
    assert 'href="/login"' in answer.text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({f"f{n}": "x" for n in range(10_000)}, 400),
        ({"email": ["x"] * 10_000}, 400),
        ({"email": "a\0b"}, 400),
        ({"email": "x" * 2_000_000}, 413),
    ],
)
def test_strange_forms_are_refused(client, data, status):
    assert client.send("/login", data).status_code == status


def test_a_multipart_form_of_ten_thousand_parts_is_refused(client):
    data = {f"f{n}": "x" for n in range(10_000)}
    assert client.send("/login", data, content_type="multipart/form-data").status_code == 413


def test_a_body_over_twenty_megabytes_is_refused(client):
    answer = client.post("/login", data=b"x" * 20_971_521, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_a_nul_byte_in_the_path_is_refused(client):
    assert client.get("/lo%00gin").status_code == 400


@pytest.mark.parametrize("path", ["/login", "/logout", "/theme"])
def test_a_form_without_token_or_with_a_wrong_one_is_400(client, path):
    assert client.post(path, data={}).status_code == 400
    answer = client.post(path, data={"csrf_token": "wrong"})
    assert answer.status_code == 400
    assert "abgelaufen" in answer.text


def test_static_files_with_their_hash_may_be_kept_for_a_year(client):
    address = re.search(r'href="(/static/app\.css\?v=[0-9a-f]{12})"', client.get("/login").text)[1]
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000"
    assert client.get("/static/app.css").headers["Cache-Control"] == "public, max-age=3600"


def test_no_request_leaves_the_house(client):
    page = client.get("/login").text
    links = re.findall(r'(?:src|href|action)="([^"]+)"', page)
    assert links
    assert [link for link in links if not link.startswith(("/", "#", "?", "data:,"))] == []


def test_every_error_the_web_may_raise_has_words(app):
    from dunning.web.words.errors import describe_error

    with app.test_request_context():
        titles = {describe_error(status)[0] for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 429)}
        assert len(titles) == 10
        assert describe_error(418)[0] not in titles


def test_an_http_error_without_a_page_of_its_own_still_has_a_page(app, client):
    assert issubclass(app.aborter.mapping[418], HTTPException)
    assert client.open("/login", method="TRACE").status_code == 405
