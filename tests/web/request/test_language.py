"""German first, English complete, and the choice kept without changing anything on the server."""

import datetime as dt

import pytest

from dunning.rules import statuses
from dunning.web.words.formats import write_day, write_moment, write_money, write_number
from dunning.web.words.labels import label_status
from tests.builders import a_user

MOMENT = dt.datetime(2026, 12, 31, 13, 5, tzinfo=dt.UTC)


def test_german_is_the_language_of_strangers_whatever_their_browser_wants(client):
    page = client.get("/login", headers={"Accept-Language": "en"}).text
    assert '<html lang="de"' in page
    assert "Anmelden" in page


def test_the_link_switches_to_english_and_stays(client):
    answer = client.get("/login?next=/cases&lang=en")
    assert (answer.status_code, answer.location) == (303, "/login?next=/cases".replace("/cases", "%2Fcases"))
    page = client.get("/login").text
    assert '<html lang="en"' in page
    assert "Log in" in page


def test_the_link_does_not_lead_to_another_host(client):
    answer = client.get("//evil.example/x?lang=en")
    assert not answer.location.startswith("//")


def test_a_users_own_language_counts_until_the_link_is_used(client):
    client.login_as(a_user(language="en"))
    assert '<html lang="en"' in client.get("/nowhere").text
    client.get("/nowhere?lang=de")
    assert '<html lang="de"' in client.get("/nowhere").text


def test_a_forged_language_cookie_is_ignored(client):
    client.set_cookie("lang", "../../etc")
    assert '<html lang="de"' in client.get("/login").text


@pytest.mark.parametrize(
    ("language", "money", "day", "moment", "number"),
    [
        ("de", "1.234,56\N{NO-BREAK SPACE}€", "31.12.2026", "31.12.2026 14:05", "1.234"),
        ("en", "€1,234.56", "31 Dec 2026", "31 Dec 2026 14:05", "1,234"),
    ],
)
def test_amounts_and_days_are_written_as_the_language_does(app, language, money, day, moment, number):
    with app.test_request_context(headers={"Cookie": f"lang={language}"}):
        assert write_money(123456) == money
        assert write_day(MOMENT.date()) == day
        assert write_moment(MOMENT) == moment
        assert write_number(1234) == number


def test_statuses_have_the_names_of_the_product(app):
    with app.test_request_context():
        vendor = [label_status(status) for status in statuses.ALL]
        support = [label_status(status, staff=True) for status in statuses.ALL]
    assert vendor == [
        "Überfällig",
        "Warten auf Freigabe",
        "Laufend",
        "Bereit zur Übergabe",
        "Mahnlauf gestartet",
        "Blockiert",
        "Bezahlt",
        "Gescheitert",
        "Gekündigt",
        "Geschlossen",
    ]
    changed = {old: new for old, new in zip(vendor, support, strict=True) if old != new}
    assert changed == {
        "Warten auf Freigabe": "Gesperrt",
        "Mahnlauf gestartet": "Ans Inkasso übergeben",
        "Gescheitert": "Failed",
    }


def test_the_theme_is_kept_in_a_cookie_and_leads_back(client):
    answer = client.send(
        "/theme", {"theme": "dark"}, headers={"Referer": "http://localhost/login?next=/cases"}
    )
    assert (answer.status_code, answer.location) == (303, "/login?next=/cases")
    assert 'data-bs-theme="dark"' in client.get("/login").text


def test_the_theme_leads_back_to_pages_of_ours_only(client):
    answer = client.send("/theme", {"theme": "dark"}, headers={"Referer": "http://evil.example/login"})
    assert answer.location == "/"


def test_an_unknown_theme_is_refused(client):
    assert client.send("/theme", {"theme": "pink"}).status_code == 400


def test_the_link_to_the_other_language_keeps_what_the_address_asks_for(client):
    page = client.get("/login?next=/cases?q%3DBerger").text
    assert 'href="/login?next=%2Fcases%3Fq%3DBerger&amp;lang=en"' in page
    client.login_as(a_user())
    page = client.get("/cases?q=Berger&status=running").text
    assert 'href="/cases?q=Berger&amp;status=running&amp;lang=en"' in page
