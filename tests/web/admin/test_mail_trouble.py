"""A mail server that is away, and mail that failed: staff are told once, and send all again with one click (A5)."""

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.people.password_reset import ask_reset
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs.ways.channels import thread_channels
from dunning.outside.press.press import LetterFailed
from dunning.records import db
from dunning.records.effects import Effect
from tests.builders import (
    a_desk,
    a_receivable,
    a_user,
    a_vendor,
    after,
    empty_queue,
    find_case,
    find_effect,
    read_case,
    read_history,
    read_receivable,
)
from tests.conftest import Browser
from tests.smtp_server import SmtpServer
from tests.web.world import text_of

pytestmark = pytest.mark.usefixtures("quick_press")
LIST = "/admin/mail"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def smtp(make_app: Callable[..., Flask]) -> Iterator[Callable[..., SmtpServer]]:
    """`smtp("421 at banner")`: a server that plays scripts, and an app that sends through it."""
    servers: list[SmtpServer] = []

    def start(*scripts: str) -> SmtpServer:
        servers.append(SmtpServer(*scripts))
        servers[-1].app = make_app(SMTP_URL=servers[-1].url)
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def log_in(server: SmtpServer, *person: int | str) -> Browser:
    browser = server.app.test_client()
    browser.login_as(a_user(*person))
    return browser


def fail_resets(*names: str) -> None:
    """People whose mail with a new password the server refuses."""
    for name in names:
        a_user("support", email=f"{name}@example.com")
        ask_reset(f"{name}@example.com", "de", a_desk(after(1)))
    empty_queue()


def a_failed_letter(server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> int:
    """A case whose first letter could not be printed; its id."""
    receivable_id = a_receivable(due_date=after(-10))
    press = thread_channels(server.app.config["SETTINGS"]).press

    def fail(_letter: object) -> bytes:
        raise LetterFailed("no paper")

    monkeypatch.setattr(press, "render", fail)
    run_day(a_desk(after(5)))
    empty_queue()
    return find_case(receivable_id)


def count_badge(page: str) -> int:
    """What the menu says waits under E-Mail."""
    found = re.search(r"E-Mail\s*<span[^>]*>(\d+)</span>", page)
    return int(found[1]) if found else 0


def read_whole(page: str) -> str:
    """The words of a page from its top."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def read_states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Effect.state).order_by(Effect.id)))


def test_an_outage_stands_on_every_page_of_the_staff_and_of_nobody_else(smtp: Callable) -> None:
    server = smtp("421 at banner")
    receivable_id = a_receivable()
    run_day(a_desk(after(5)))
    empty_queue()
    staff = log_in(server, "support")
    vendor = log_in(server, "vendor", read_receivable(receivable_id).vendor_id)
    said = "Der Mailserver nimmt seit"
    for path in (LIST, "/admin/cases", "/admin/payments", "/admin/vendors"):
        page = read_whole(staff.get(path).text)
        assert page.count(said) == 1
        assert "1 E-Mail wartet darauf" in page
        assert "421 4.3.2 come back later" in page
    assert said not in read_whole(vendor.get("/cases").text)
    assert "The mail server has taken no e-mail since" in read_whole(
        staff.get(f"{LIST}?lang=en", follow_redirects=True).text
    )
    assert "wenn der Mailserver zurück ist" in text_of(
        staff.get(f"{LIST}?state=waiting&lang=de", follow_redirects=True).text
    )
    checked = server.app.test_cli_runner().invoke(args=["check"])
    assert checked.exit_code == 1
    assert re.search(
        r"^I7: the mail server is away since .*, 1 e-mails wait: 421 4.3.2", checked.stdout, re.M
    )
    server.scripts = ("ok",)
    empty_queue(now=read_now() + HOUR)
    assert "taken no e-mail" not in read_whole(staff.get(LIST).text)
    assert server.app.test_cli_runner().invoke(args=["check"]).stdout == ""


def test_what_failed_is_counted_opened_first_and_sent_again_together(smtp: Callable) -> None:
    server = smtp("550 at RCPT")
    fail_resets("anna", "berta", "anne")
    staff = log_in(server, "support")
    page = staff.get(LIST).text
    assert (count_badge(page), text_of(page).count("Erneut senden")) == (3, 3)
    checked = server.app.test_cli_runner().invoke(args=["check"])
    assert "I7: 3 effects have failed and wait for a person, since " in checked.stdout
    assert "Ja, 2 E-Mails erneut senden" in text_of(staff.get(f"{LIST}?state=failed&q=ann").text)
    server.scripts = ("ok",)
    answers = [staff.send(f"{LIST}/again", {"q": "ann", "form_key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    empty_queue(now=read_now() + HOUR)
    assert read_states() == ["done", "failed", "done"]
    assert [taken.recipient for taken in server.deliveries] == ["anna@example.com", "anne@example.com"]
    staff.send(f"{LIST}/again", {"q": ""})
    empty_queue(now=read_now() + HOUR)
    staff.send(f"{LIST}/again", {"q": ""})
    empty_queue(now=read_now() + HOUR)
    assert (read_states(), len(server.deliveries)) == (["done"] * 3, 3)


def test_in_one_vendors_list_only_that_vendors_mails_go_out_again(smtp: Callable) -> None:
    server = smtp("550 at RCPT", "550 at RCPT", "ok")
    for vendor_id in (a_vendor(8), a_vendor(81007)):
        a_user(vendor_id=vendor_id, email=f"of{vendor_id}@example.com")
        ask_reset(f"of{vendor_id}@example.com", "de", a_desk(after(1)))
    empty_queue()
    staff = log_in(server, "support")
    page = staff.get(f"{LIST}?state=failed&vendor=8").text
    assert 'name="vendor" value="8"' in page.partition("/admin/mail/again")[2]
    staff.send(
        f"{LIST}/again", {"q": "", "vendor": "8"}, headers={"Referer": f"http://localhost{LIST}?vendor=8"}
    )
    db.session.rollback()
    states = {effect.vendor_id: effect.state for effect in db.session.scalars(select(Effect))}
    assert states == {8: "due", 81007: "failed"}


def test_what_goes_out_again_together_can_be_undone_until_it_begins(smtp: Callable) -> None:
    server = smtp("550 at RCPT")
    fail_resets("anna", "berta")
    staff = log_in(server, "support")
    staff.send(f"{LIST}/again", {"q": ""})
    assert read_states() == ["due", "due"]
    empty_queue()  # too early: the click can still be undone
    assert "2 E-Mails gehen gleich erneut hinaus" in text_of(staff.get(LIST).text)
    assert staff.send(f"{LIST}/again", {"q": "anna", "decision": "undo"}).status_code == 303
    assert read_states() == ["failed", "due"]
    empty_queue(now=read_now() + HOUR)
    assert server.connections == 3
    staff.send(f"{LIST}/again", {"q": "", "decision": "undo"})
    assert read_states() == ["failed", "failed"]
    assert "gleich erneut" not in text_of(staff.get(LIST).text)


def test_a_letter_sent_again_and_not_after_all_says_so_in_its_history(smtp: Callable, monkeypatch) -> None:
    server = smtp("ok")
    case_id = a_failed_letter(server, monkeypatch)
    staff = log_in(server, "support")
    staff.send(f"{LIST}/again", {"q": ""})
    staff.send(f"{LIST}/again", {"q": "", "decision": "undo"})
    assert find_effect("first_letter").state == "failed"
    assert [row.verb for row in read_history(case_id)][-2:] == ["repeat_mail", "undo_repeat"]


def test_nobody_knows_whether_it_arrived_so_no_click_on_all_sends_it_again(smtp: Callable) -> None:
    server = smtp("550 at RCPT", "drop after the final dot", "ok")
    fail_resets("anna", "berta")
    assert read_states() == ["failed", "in_doubt"]
    staff = log_in(server, "support")
    assert count_badge(staff.get(LIST).text) == 2
    assert "Im Zweifel seit" in text_of(staff.get(LIST).text)
    staff.send(f"{LIST}/again", {"q": ""})
    empty_queue(now=read_now() + HOUR)
    assert read_states() == ["done", "in_doubt"]


def test_a_notice_that_never_arrives_is_dropped_and_waits_for_nobody_any_more(smtp: Callable) -> None:
    server = smtp("550 at RCPT")
    fail_resets("anna")
    staff, effect = log_in(server, "support"), find_effect("password_reset")
    assert "Verwerfen" in text_of(staff.get(LIST).text)
    answers = [staff.send(f"{LIST}/{effect.id}", {"decision": "drop"}).status_code for _ in range(2)]
    assert (answers, read_states()) == ([303, 409], ["superseded"])
    assert count_badge(staff.get(LIST).text) == 0


def test_a_letter_is_not_dropped(smtp: Callable, monkeypatch) -> None:
    server = smtp("ok")
    a_failed_letter(server, monkeypatch)
    staff, effect = log_in(server, "support"), find_effect("first_letter")
    assert "Verwerfen" not in text_of(staff.get(LIST).text)
    assert staff.send(f"{LIST}/{effect.id}", {"decision": "drop"}).status_code == 409
    assert find_effect("first_letter").state == "failed"


def test_all_again_is_for_the_staff(smtp: Callable) -> None:
    server = smtp("550 at RCPT")
    fail_resets("anna")
    stranger = server.app.test_client()
    assert stranger.send(f"{LIST}/again", {"q": ""}).status_code == 303
    assert log_in(server, "vendor").send(f"{LIST}/again", {"q": ""}).status_code == 404
    assert read_states() == ["failed"]


def test_of_a_letter_that_failed_no_page_says_that_it_is_under_way(smtp: Callable, monkeypatch) -> None:
    server = smtp("ok")
    case_id = a_failed_letter(server, monkeypatch)
    vendor_id = read_case(case_id).vendor_id
    assert find_effect("first_letter").state == "failed"
    pages = {
        "Unter „E-Mail“ kann sie erneut": log_in(server, "support").get(f"/admin/cases/{case_id}"),
        "Der Support kümmert sich": log_in(server, "vendor", vendor_id).get(f"/cases/{case_id}"),
    }
    for advice, page in pages.items():
        shown = text_of(page.text)
        assert "1. Mahnung konnte nicht verschickt werden" in shown
        assert "1. Mahnung · nicht verschickt" in shown
        assert advice in shown
        assert "in Arbeit" not in shown
        assert "heute" not in shown.partition("Verlauf")[0]
    assert "Nächster Schritt nicht verschickt" in text_of(log_in(server, "support").get("/admin/cases").text)
