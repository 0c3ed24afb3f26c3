"""A letter by mail through a server that is silent, slow or refuses it, and a worker killed meanwhile (F18, F01).

Whatever happens, the sink never has a second copy. What needs no patience is in tests/jobs/carry/test_mail_jobs.py.
"""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.outside.mail.smtp import SmtpMailer
from dunning.records import db
from tests.builders import a_desk, a_receivable, after, empty_queue, find_effect, read_dossier, states_of
from tests.faults.crash_points import AFTER, BEFORE, Killed, crash_points
from tests.smtp_server import SmtpServer

LATER = dt.timedelta(hours=3)
# as long as a test can wait for a server that says nothing
REPLY_SECONDS, FINAL_REPLY_SECONDS = 0.7, 1.0
LETTER = ("take", "prepare_letter", "keep_letter", "enter_data", "finish_letter")
Start = Callable[..., SmtpServer]


@pytest.fixture
def smtp(
    make_app: Callable[..., Flask], quick_press: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Start]:
    """`smtp("451 at RCPT", "ok")`: a server that plays scripts, and an app that waits for it only briefly."""

    def make_hasty(url: str, home: object) -> SmtpMailer:
        return SmtpMailer(url, reply_seconds=REPLY_SECONDS, final_reply_seconds=FINAL_REPLY_SECONDS)

    servers: list[SmtpServer] = []

    def start(*scripts: str) -> SmtpServer:
        servers.append(SmtpServer(*scripts))
        make_app(SMTP_URL=servers[-1].url)
        return servers[-1]

    monkeypatch.setattr("dunning.jobs.ways.channels.make_mailer", make_hasty)
    yield start
    for server in servers:
        server.close()


def a_due_letter() -> int:
    """A receivable whose first letter is due and waits for a worker; returns its id."""
    receivable_id = a_receivable(due_date=after(-10))
    run_day(a_desk(after(0)))
    return receivable_id


def carry_letter() -> None:
    carry_out(find_effect("first_letter").id)
    db.session.rollback()


# --- Every fault of the list ends in the state that is promised ---


@pytest.mark.parametrize("fault", ["554 at banner", "silence before banner", "silence at RCPT"])
def test_what_was_proven_not_taken_waits_and_goes_out_once(smtp: Start, fault: str) -> None:
    server = smtp(fault, "ok")
    receivable_id = a_due_letter()
    carry_letter()
    assert (find_effect("first_letter").state, server.deliveries) == ("retry_wait", [])
    assert states_of(receivable_id)["first_letter"] == "planned"
    empty_queue(now=read_now() + LATER)
    assert (find_effect("first_letter").state, len(server.deliveries)) == ("done", 1)


def test_a_content_refused_for_good_turns_the_address_red_and_goes_by_post(smtp: Start) -> None:
    server = smtp("554 after dot", "ok")
    receivable_id = a_due_letter()
    carry_letter()
    effect = find_effect("first_letter")
    assert (effect.state, effect.evidence["post_only"]) == ("done", True)
    assert read_dossier(receivable_id).buyer.email_refused_at is not None
    assert states_of(receivable_id)["first_letter"] == "planned"
    empty_queue(now=read_now() + LATER)
    assert server.deliveries == []


@pytest.mark.parametrize(("fault", "copies"), [("drop at DATA", 0), ("silence after the final dot", 1)])
def test_what_may_have_been_taken_is_parked_and_never_sent_again(
    smtp: Start, fault: str, copies: int
) -> None:
    server = smtp(fault, "ok")
    receivable_id = a_due_letter()
    carry_letter()
    for day in (0, 1, 7):
        empty_queue(now=read_now() + dt.timedelta(days=day))
        assert find_effect("first_letter").state == "in_doubt"
        assert states_of(receivable_id)["first_letter"] == "in_doubt"
        assert len(server.deliveries) == copies


def test_a_slow_server_is_waited_for(smtp: Start) -> None:
    server = smtp("slow")
    a_due_letter()
    carry_letter()
    assert (find_effect("first_letter").state, len(server.deliveries)) == ("done", 1)


# --- Killed at every commit ---


def die_at(name: str, moment: str) -> None:
    """The worker is killed at the commit; nobody is there until its lease has run out."""
    with crash_points(name, moment), pytest.raises(Killed):
        carry_out(find_effect("first_letter").id)
    db.session.rollback()


# killed after any other commit is killed before the next
@pytest.mark.parametrize(
    ("name", "moment"),
    [*((name, BEFORE) for name in LETTER), ("enter_data", AFTER), ("finish_letter", AFTER)],
)
def test_a_letter_goes_out_once_or_is_shown_to_a_person(smtp: Start, name: str, moment: str) -> None:
    server = smtp("ok")
    receivable_id = a_due_letter()
    die_at(name, moment)
    empty_queue(now=read_now() + LATER)
    begun = [("enter_data", AFTER), ("finish_letter", BEFORE)]
    end = "in_doubt" if (name, moment) in begun else "done"
    assert (find_effect("first_letter").state, states_of(receivable_id)["first_letter"]) == (end, end)
    assert len(server.deliveries) == (0 if (name, moment) == ("enter_data", AFTER) else 1)
    empty_queue(now=read_now() + 10 * LATER)
    assert len(server.deliveries) <= 1


@pytest.mark.parametrize(
    ("fault", "noted_by", "end"),
    [
        ("451 at RCPT", "postpone", "done"),
        ("550 at RCPT", "refuse_address", "done"),
        ("451 after dot", "postpone", "in_doubt"),
        ("drop after the final dot", "doubt_step", "in_doubt"),
    ],
)
def test_a_worker_killed_before_it_notes_a_fault_sends_no_second_copy(
    smtp: Start, fault: str, noted_by: str, end: str
) -> None:
    server = smtp(fault, "ok")
    a_due_letter()
    die_at(noted_by, BEFORE)
    for number in (1, 2):
        empty_queue(now=read_now() + number * LATER)
    assert find_effect("first_letter").state == end
    assert len(server.deliveries) <= 1
