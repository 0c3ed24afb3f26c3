"""A forgotten password: who gets a link, how long it works, and what setting a new password ends."""

import datetime as dt
import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from dunning.actions.people.password_reset import write_token
from dunning.clock import read_now
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.people import User
from tests.builders import PASSWORD, a_user, empty_queue
from tests.conftest import Browser
from tests.web.world import text_of

NEW = "another long password"
ANNA = "anna@example.com"


@pytest.fixture
def browser(each_app: Flask) -> Browser:
    return each_app.test_client()


def ask(browser: Browser, email: str = ANNA):
    return browser.send("/password/forgot", {"email": email})


def mails() -> list[EmailMessage]:
    """What was sent to people who log in, oldest first."""
    empty_queue()
    query = select(Effect).where(Effect.kind == "password_reset").order_by(Effect.id)
    folder = current_app.config["SETTINGS"].home / "mail"
    files = [folder / f"{effect.reference}.eml" for effect in db.session.scalars(query)]
    db.session.rollback()
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def link_in(mail: EmailMessage) -> str:
    """The path of the link."""
    text = mail.get_body(("plain",)).get_content()
    return re.search(r"http://[^/\s]+(/password/reset/\S+)", text)[1]


def made_at(user_id: int, age: dt.timedelta) -> str:
    """The path of a link so old."""
    user, secret = db.session.get_one(User, user_id), current_app.config["SETTINGS"].secret_key
    token = write_token(user, secret, read_now() - age)
    db.session.rollback()
    return f"/password/reset/{token}"


def can_log_in(browser: Browser, password: str) -> bool:
    return browser.send("/login", {"email": ANNA, "password": password}).status_code == 303


@pytest.mark.parametrize("role", ["vendor", "support"])
def test_the_link_sets_a_new_password_once(browser: Browser, role: str) -> None:
    a_user(role, email=ANNA)
    assert ask(browser).status_code == 303
    (mail,) = mails()
    assert (mail["To"], mail["Subject"]) == (ANNA, "Neues Passwort für Mahnlauf")
    path = link_in(mail)
    assert browser.get(path).status_code == 200
    assert browser.send(path, {"password": NEW}).status_code == 303
    assert (can_log_in(browser, PASSWORD), can_log_in(browser, NEW)) == (False, True)
    assert browser.get(path).status_code == 410
    assert browser.send(path, {"password": "a third password"}).status_code == 410


def test_a_new_password_ends_every_login(browser: Browser, each_app: Flask) -> None:
    user_id = a_user("support", email=ANNA)
    elsewhere = each_app.test_client()
    elsewhere.login_as(user_id)
    assert elsewhere.get("/admin/cases").status_code == 200
    browser.send(made_at(user_id, dt.timedelta(0)), {"password": NEW})
    assert elsewhere.get("/admin/cases").status_code == 303


def test_the_answer_does_not_tell_whether_there_is_an_account(browser: Browser) -> None:
    a_user(email=ANNA)
    a_user(email="gone@example.com", active=False)
    pages = []
    for email in (ANNA, "nobody@example.com", "gone@example.com", ""):
        answer = ask(browser, email)
        pages.append((answer.status_code, answer.location, text_of(browser.get("/login").text)))
    assert len(set(pages)) == 1
    assert "ist ein Link dorthin unterwegs" in pages[0][2]
    assert [mail["To"] for mail in mails()] == [ANNA]


def test_the_link_works_for_sixty_minutes(browser: Browser) -> None:
    user_id = a_user(email=ANNA)
    assert browser.get(made_at(user_id, dt.timedelta(minutes=59))).status_code == 200
    assert browser.get(made_at(user_id, dt.timedelta(minutes=61))).status_code == 410


def turn_signature(path: str) -> str:
    """Signed by somebody else. The first letter of a signature is six bits of it, the last one may be fewer."""
    signed, _, signature = path.rpartition(".")
    return f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def test_a_link_that_is_not_ours_or_of_a_disabled_user_opens_nothing(browser: Browser) -> None:
    user_id = a_user(email=ANNA)
    path = made_at(user_id, dt.timedelta(0))
    for other in ("/password/reset/nonsense", turn_signature(path)):
        page = browser.get(other)
        assert page.status_code == 410
        assert "Dieser Link funktioniert nicht mehr" in text_of(page.text)
    with transaction() as session:
        session.get_one(User, user_id).active = False
    assert browser.send(path, {"password": NEW}).status_code == 410


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_a_weak_password_is_refused_with_the_rule(browser: Browser, password: str) -> None:
    path = made_at(a_user(email=ANNA), dt.timedelta(0))
    answer = browser.send(path, {"password": password})
    assert answer.status_code == 422
    assert "Ein Passwort hat 8 bis 256 Zeichen." in text_of(answer.text)
    assert can_log_in(browser, PASSWORD)


def test_a_password_that_many_have_is_refused(browser: Browser) -> None:
    path = made_at(a_user(email=ANNA), dt.timedelta(0))
    for password in ("password1", "PassWord1", "12345678"):
        answer = browser.send(path, {"password": password})
        assert answer.status_code == 422
        assert "Dieses Passwort benutzen viele" in text_of(answer.text)
    assert can_log_in(browser, PASSWORD)


def test_without_a_token_of_the_page_nothing_happens(browser: Browser) -> None:
    path = made_at(a_user(email=ANNA), dt.timedelta(0))
    assert browser.post(path, data={"password": NEW}).status_code == 400
    assert browser.post("/password/forgot", data={"email": ANNA}).status_code == 400
    assert mails() == []


def test_who_asks_too_often_has_to_wait(browser: Browser) -> None:
    a_user(email=ANNA)
    assert [ask(browser).status_code for _ in range(11)] == [303] * 10 + [429]
    assert ask(browser, "somebody@example.com").status_code == 303


def test_the_mail_is_in_the_users_language_else_in_the_pages(browser: Browser) -> None:
    a_user(email=ANNA, language="en")
    a_user(email="bert@example.com")
    ask(browser)
    browser.get("/login?lang=en")
    ask(browser, "bert@example.com")
    assert [mail["Subject"] for mail in mails()] == ["New password for Mahnlauf"] * 2
    assert "Send the link" in browser.get("/password/forgot").text


def test_the_login_leads_there(browser: Browser) -> None:
    assert 'href="/password/forgot"' in browser.get("/login").text
