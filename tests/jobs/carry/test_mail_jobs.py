"""Reminders and letters through a mail server that says, refuses, delays or drops what a test says (F18)."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, current_app

from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.outside.mail.message import message_id
from dunning.rules.course.eligibility import check
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    after,
    empty_queue,
    find_effect,
    order_of,
    pay,
    play_until,
    read_case,
    read_case_dossier,
    read_dossier,
    states_of,
)
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.usefixtures("quick_press")

MINUTE = dt.timedelta(minutes=1)
Start = Callable[..., SmtpServer]


@pytest.fixture
def smtp(make_app: Callable[..., Flask]) -> Iterator[Start]:
    """`smtp("451 at RCPT", "ok")`: a server that plays scripts and an app that sends through it."""
    servers: list[SmtpServer] = []

    def start(*scripts: str) -> SmtpServer:
        server = SmtpServer(*scripts)
        servers.append(server)
        make_app(SMTP_URL=server.url)
        return server

    yield start
    for server in servers:
        server.close()


def a_reminder() -> int:
    """A receivable whose payment reminder is due and was tried once; returns its id."""
    receivable_id = a_receivable()
    run_day(a_desk(after(5)))
    empty_queue()
    return receivable_id


def try_again(minutes: int = 60) -> None:
    empty_queue(now=read_now() + minutes * MINUTE)


def read_message_ids(server: SmtpServer) -> list[bytes]:
    """Message-IDs of what the server took."""
    lines = [line for d in server.deliveries for line in d.content.splitlines()]
    return [line.partition(b" ")[2] for line in lines if line.lower().startswith(b"message-id:")]


def test_a_good_server_gets_the_reminder_once_and_its_answer_is_kept(smtp: Start) -> None:
    server = smtp("ok")
    receivable_id = a_reminder()
    try_again()
    effect = find_effect("payment_reminder")
    assert (effect.state, effect.attempt) == ("done", 1)
    assert effect.evidence == {"receipt": "250 2.0.0 taken as 1"}
    assert [d.recipient for d in server.deliveries] == ["anna@example.org"]
    (step,) = [s for s in read_dossier(receivable_id).steps if s.kind == "payment_reminder"]
    assert (step.state, step.done_on) == ("done", after(5))


@pytest.mark.parametrize(
    "fault",
    [
        "421 at banner",
        "drop at banner",
        "nonsense at banner",
        "421 at MAIL",
        "550 at MAIL",
        "450 at RCPT",
        "451 at RCPT",
        "drop at RCPT",
        "451 at DATA",
        "451 after dot",
    ],
)
def test_what_was_certainly_not_taken_is_tried_again_and_arrives_once(smtp: Start, fault: str) -> None:
    server = smtp(fault, "ok")
    receivable_id = a_reminder()
    effect = find_effect("payment_reminder")
    assert (effect.state, states_of(receivable_id)["payment_reminder"]) == ("retry_wait", "planned")
    assert effect.not_before > read_now()
    try_again()
    assert find_effect("payment_reminder").state == "done"
    sender = current_app.config["SETTINGS"].mail_from
    assert read_message_ids(server) == [message_id(effect.reference, sender).encode()]
    assert read_dossier(receivable_id).buyer.email_refused_at is None


@pytest.mark.parametrize(
    "fault", ["drop before the final dot", "drop after the final dot", "nonsense after the final dot"]
)
def test_what_may_have_gone_out_is_parked_for_a_person_and_later_steps_wait(smtp: Start, fault: str) -> None:
    server = smtp("ok", fault, "ok")
    case_id = a_case("running")
    taken = len(server.deliveries)
    effect = find_effect("first_letter")
    assert (effect.state, effect.phase) == ("in_doubt", "data")
    try_again(24 * 60)
    play_until(after(60))
    states = states_of(read_case(case_id).receivable_id)
    assert (states["first_letter"], "second_letter" in states) == ("in_doubt", False)
    assert len(server.deliveries) == taken
    assert read_case(case_id).status == "running"


def test_a_refused_address_skips_the_reminder_and_turns_its_point_red(smtp: Start) -> None:
    server = smtp("550 at RCPT", "ok")
    receivable_id = a_reminder()
    assert states_of(receivable_id)["payment_reminder"] == "skipped"
    file = read_dossier(receivable_id)
    assert [p.key for p in check(file.read_facts(), a_desk().policy, after(5)).red(("email",))] == ["email"]
    play_until(after(30))
    states = states_of(receivable_id)
    assert (states["first_letter"], "second_letter" in states) == ("planned", False)
    assert find_effect("first_letter").evidence == {"post_only": True}
    assert server.deliveries == []
    assert server.connections == 1


def test_a_letter_refused_at_its_address_goes_to_the_post_as_it_was_printed(smtp: Start) -> None:
    server = smtp("ok", "550 at RCPT", "ok")
    receivable_id = a_receivable()
    play_until(after(10))
    effect = find_effect("first_letter")
    assert (effect.state, effect.evidence["post_only"]) == ("done", True)
    assert states_of(receivable_id)["first_letter"] == "planned"
    assert read_dossier(receivable_id).buyer.email_refused_at is not None
    play_until(after(40))
    assert "second_letter" not in states_of(receivable_id)
    assert len(server.deliveries) == 1


def test_a_letter_tried_again_a_day_later_is_dated_that_day(smtp: Start) -> None:
    server = smtp("451 after dot", "ok")
    receivable_id = a_receivable(email="anna@example.org", due_date=after(-6))
    run_day(a_desk(after(4), pinned=False))
    empty_queue(now=a_desk(after(4)).now)
    assert find_effect("first_letter").state == "retry_wait"
    empty_queue(now=a_desk(after(5)).now)
    (letter,) = [s for s in read_dossier(receivable_id).steps if s.kind == "first_letter"]
    assert (letter.state, letter.done_on) == ("done", after(5))
    assert letter.deadline == after(12)
    assert len(server.deliveries) == 1


def test_a_payment_between_two_attempts_supersedes_the_mail(smtp: Start) -> None:
    server = smtp("ok", "451 at RCPT", "ok")
    receivable_id = a_receivable()
    play_until(after(10))
    case_id = read_dossier(receivable_id).case.id
    pay(order_of(case_id).order_id, 100_00, after(10))
    try_again()
    assert find_effect("first_letter").state == "superseded"
    assert states_of(receivable_id)["first_letter"] == "superseded"
    assert len(server.deliveries) == 1
    assert read_case_dossier(case_id).case.status == "paid"
