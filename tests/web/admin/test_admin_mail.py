"""E-mail that needs a person: what support sees of it, decides with one click, and what is refused."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.people.password_reset import ask_reset
from dunning.records import db
from dunning.records.cases import Letter
from dunning.settings import Settings
from tests.builders import (
    a_case,
    a_desk,
    a_user,
    a_vendor,
    after,
    an_order_row,
    empty_queue,
    find_effect,
    import_rows,
    ledger_of,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    read_dossier,
    read_history,
    states_of,
)
from tests.conftest import Browser, run_app
from tests.smtp_server import SmtpServer
from tests.web.world import text_of

pytestmark = pytest.mark.usefixtures("quick_press")
LIST = "/admin/mail"
LOST = "drop after the final dot"


@dataclass
class Outbox:
    """A case whose first letter is in doubt, and what stands around it."""

    app: Flask
    server: SmtpServer
    case_id: int
    effect_id: int
    staff: Browser

    def decide(self, decision: str, **fields: str):
        return self.staff.send(f"{LIST}/{self.effect_id}", {"decision": decision} | fields)

    @property
    def receivable_id(self) -> int:
        return read_case(self.case_id).receivable_id

    def copies(self) -> list[bytes]:
        """Message-IDs of what the server took, the reminder's left out."""
        found = [
            re.search(rb"(?im)^message-id: *(\S+)", taken.content)[1] for taken in self.server.deliveries
        ]
        return found[1:]


def open_outbox(app: Flask, server: SmtpServer) -> Outbox:
    """The reminder arrives, of the letter nobody knows."""
    case_id, staff = a_case("running"), app.test_client()
    staff.login_as(a_user("support"))
    return Outbox(app, server, case_id, find_effect("first_letter").id, staff)


@pytest.fixture
def outbox(make_settings: Callable[..., Settings], sqlite_url: str, request: pytest.FixtureRequest):
    """On SQLite, for what only looks at pages."""
    with SmtpServer("ok", LOST, "ok") as server:
        settings = make_settings(DATABASE_URL=sqlite_url, SMTP_URL=server.url)
        for app in run_app(settings, request):
            yield open_outbox(app, server)


@pytest.fixture
def each_outbox(make_app: Callable[..., Flask]) -> Iterator[Outbox]:
    """On SQLite, then on PostgreSQL."""
    with SmtpServer("ok", LOST, "ok") as server:
        yield open_outbox(make_app(SMTP_URL=server.url), server)


def test_strangers_log_in_and_vendors_find_nothing(outbox: Outbox) -> None:
    stranger, vendor = outbox.app.test_client(), outbox.app.test_client()
    vendor.login_as(a_user(vendor_id=read_case(outbox.case_id).vendor_id))
    path = f"{LIST}/{outbox.effect_id}"
    assert (stranger.get(LIST).status_code, vendor.get(LIST).status_code) == (303, 404)
    assert stranger.send(path, {"decision": "sent"}).status_code == 303
    assert vendor.send(path, {"decision": "sent"}).status_code == 404
    assert outbox.staff.post(path, data={"decision": "sent"}).status_code == 400
    assert find_effect("first_letter").state == "in_doubt"


def test_what_is_in_doubt_comes_first_with_all_that_is_known(outbox: Outbox) -> None:
    page = outbox.staff.get(LIST).text
    effect = find_effect("first_letter")
    for said in ("anna@example.org", order_of(outbox.case_id).order_id, effect.reference, "1. Mahnung"):
        assert said in text_of(page)
    assert "Connection unexpectedly closed" in text_of(page)
    assert re.search(r"E-Mail\s*<span[^>]*>1</span>", page)
    assert "anna@example.org" in outbox.staff.get(f"{LIST}?state=sent").text


def test_counted_as_sent_the_letter_is_done_on_its_day(each_outbox: Outbox) -> None:
    assert each_outbox.decide("sent").status_code == 303
    (step,) = [s for s in read_dossier(each_outbox.receivable_id).steps if s.kind == "first_letter"]
    letter = db.session.scalars(select(Letter)).one()
    assert (step.state, step.done_on, step.deadline) == ("done", after(10), letter.deadline)
    assert letter.mailed_at is not None
    effect = find_effect("first_letter")
    assert (effect.state, effect.evidence["counted_as_sent"]) == ("done", True)
    assert [row.verb for row in read_history(each_outbox.case_id)][-2:] == ["letter_sent", "confirm_mail"]
    play_until(after(20))
    assert states_of(each_outbox.receivable_id)["second_letter"] == "done"
    assert len(each_outbox.copies()) == 2


def test_sent_again_it_goes_out_once_more_under_the_same_message_id(each_outbox: Outbox) -> None:
    assert each_outbox.decide("again").status_code == 303
    assert (find_effect("first_letter").state, states_of(each_outbox.receivable_id)["first_letter"]) == (
        "due",
        "planned",
    )
    empty_queue()
    first, second = each_outbox.copies()
    assert first == second
    assert states_of(each_outbox.receivable_id)["first_letter"] == "done"
    assert read_history(each_outbox.case_id)[-2].verb == "repeat_mail"


def test_paid_meanwhile_it_does_not_go_out_again(outbox: Outbox) -> None:
    pay(order_of(outbox.case_id).order_id, 100_00, after(11))
    outbox.decide("again")
    empty_queue()
    assert (find_effect("first_letter").state, len(outbox.copies())) == ("superseded", 1)


@pytest.mark.parametrize("decision", ["sent", "again"])
def test_a_second_decision_is_told_that_somebody_was_faster(outbox: Outbox, decision: str) -> None:
    outbox.decide(decision)
    history, entries = len(read_history(outbox.case_id)), ledger_of(outbox.receivable_id)
    for late in ("sent", "again"):
        assert outbox.decide(late).status_code == 409
    assert (len(read_history(outbox.case_id)), ledger_of(outbox.receivable_id)) == (history, entries)


def test_a_double_click_is_shown_the_first_result(outbox: Outbox) -> None:
    answers = [outbox.decide("again", form_key="one-and-only") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert find_effect("first_letter").attempt == 2


@pytest.mark.parametrize("decision", ["", "maybe"])
def test_another_decision_is_not_understood(outbox: Outbox, decision: str) -> None:
    assert outbox.decide(decision).status_code == 400
    assert find_effect("first_letter").state == "in_doubt"


def test_an_unknown_mail_is_not_found(outbox: Outbox) -> None:
    assert outbox.staff.send(f"{LIST}/999", {"decision": "sent"}).status_code == 404
    assert outbox.staff.get(f"{LIST}?state=nonsense").status_code == 400


def test_the_list_is_searched_by_order_name_and_address(each_outbox: Outbox) -> None:
    for words in (order_of(each_outbox.case_id).order_id, "must ann", "anna@example"):
        assert "anna@example.org" in text_of(each_outbox.staff.get(LIST, query_string={"q": words}).text)
    page = text_of(each_outbox.staff.get(f"{LIST}?q=somebody").text)
    assert "anna@example.org" not in page
    assert "Nichts passt zu dieser Suche" in page


def test_the_lists_are_paged_by_their_address(outbox: Outbox) -> None:
    vendor_id = a_vendor()
    import_rows(*(an_order_row(vendor_id) for _ in range(25)))
    play(after(11))
    page = outbox.staff.get(f"{LIST}?state=sent&per=25").text
    assert "1–25 von 26" in page
    following = re.search(r'href="([^"]*after=[^"]*)"', page)[1].replace("&amp;", "&")
    assert "26–26 von 26" in outbox.staff.get(following).text


def test_every_list_is_there_in_english(outbox: Outbox) -> None:
    outbox.staff.get(f"{LIST}?lang=en")
    empty = {"waiting": "No e-mail is waiting", "failed": "No e-mail has failed"}
    for state, said in {"in_doubt": "Send again", "sent": "Payment reminder", **empty}.items():
        assert said in text_of(outbox.staff.get(f"{LIST}?state={state}").text)


@pytest.mark.parametrize("decision", ["sent", "again"])
def test_a_mail_without_a_case_is_decided_like_any_other(
    make_app: Callable[..., Flask], decision: str
) -> None:
    with SmtpServer(LOST, "ok") as server:
        app = make_app(SMTP_URL=server.url)
        staff = app.test_client()
        staff.login_as(a_user("support", email="berta@example.com"))
        ask_reset("berta@example.com", "de", a_desk(after(1)))
        empty_queue()
        effect = find_effect("password_reset")
        assert effect.state == "in_doubt"
        assert "berta@example.com" in text_of(staff.get(f"{LIST}?q=berta@").text)
        assert staff.send(f"{LIST}/{effect.id}", {"decision": decision}).status_code == 303
        assert staff.send(f"{LIST}/{effect.id}", {"decision": decision}).status_code == 409
        empty_queue()
        assert find_effect("password_reset").state == "done"
        assert len(server.deliveries) == (1 if decision == "sent" else 2)
        assert "Neues Passwort" in text_of(staff.get(f"{LIST}?state=sent").text)


def test_a_mail_that_failed_for_good_is_sent_again_by_a_person(make_app: Callable[..., Flask]) -> None:
    with SmtpServer("550 at RCPT", "ok") as server:
        app = make_app(SMTP_URL=server.url)
        staff = app.test_client()
        staff.login_as(a_user("support", email="berta@example.com"))
        ask_reset("berta@example.com", "de", a_desk(after(1)))
        empty_queue()
        effect = find_effect("password_reset")
        assert effect.state == "failed"
        assert f"{LIST}/{effect.id}" in staff.get(f"{LIST}?state=failed").text
        assert staff.send(f"{LIST}/{effect.id}", {"decision": "sent"}).status_code == 409
        assert staff.send(f"{LIST}/{effect.id}", {"decision": "again"}).status_code == 303
        empty_queue()
        assert find_effect("password_reset").state == "done"
        assert len(server.deliveries) == 1
