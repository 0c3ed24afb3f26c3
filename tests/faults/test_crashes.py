"""Killed at every commit and started again: nothing is lost, nothing is done twice (F01, F02, F03, F17, F20).

The commits of each kind of work are listed by name: a new one without an expectation fails the first test.
"""

import datetime as dt
import email
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.records import db
from dunning.records.cases import Letter
from dunning.sandbox.tables import SandboxClaim
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_vendor,
    after,
    empty_queue,
    find_effect,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    read_dossier,
    states_of,
)
from tests.conftest import QuickPress
from tests.faults.crash_points import AFTER, BEFORE, Killed, crash_points
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.usefixtures("quick_press")

REMINDER = ("take", "prepare_reminder", "enter_data", "finish_step")
LETTER = ("take", "prepare_letter", "keep_letter", "enter_data", "finish_letter")
# debtor, claim and release are kept one by one
HANDOVER = ("take", "freeze_claim", "save_evidence", "save_evidence 2", "save_evidence 3", "accept_claim")
# the balance is fetched at once; without it the poll brings it
LOOK = ("take_mandate", "note_heartbeat")
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}
LATER = dt.timedelta(minutes=15)


def every(commits: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each commit, just before and just after."""
    return [(name, moment) for name in commits for moment in (BEFORE, AFTER)]


def a_due_reminder() -> int:
    receivable_id = a_receivable()
    run_day(a_desk(after(5)))
    return receivable_id


def a_due_letter() -> int:
    receivable_id = a_receivable(due_date=after(-10))
    run_day(a_desk(after(0)))
    return receivable_id


def a_due_handover() -> int:
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK)
    run_day(a_desk(after(1)))
    return receivable_id


def die_at(kind: str, name: str, moment: str) -> None:
    """The effect's worker is killed at the commit; nobody is there until its lease has run out."""
    effect_id = find_effect(kind).id
    with crash_points(name, moment), pytest.raises(Killed):
        carry_out(effect_id)
    db.session.rollback()


def count_mails() -> int:
    folder: Path = current_app.config["SETTINGS"].home / "mail"
    return len(list(folder.glob("*.eml")))


@pytest.mark.parametrize(
    ("make", "kind", "commits"),
    [
        (a_due_reminder, "payment_reminder", REMINDER),
        (a_due_letter, "first_letter", LETTER),
        (a_due_handover, "handover", (*HANDOVER, *LOOK)),
    ],
)
def test_every_commit_has_its_expectation(
    app: Flask, make: Callable[[], int], kind: str, commits: tuple[str, ...]
) -> None:
    make()
    effect_id = find_effect(kind).id
    with crash_points() as passed:
        carry_out(effect_id)
    assert tuple(passed) == commits


@pytest.mark.parametrize(("name", "moment"), every(REMINDER))
def test_a_reminder_goes_out_once(each_app: Flask, name: str, moment: str) -> None:
    receivable_id = a_due_reminder()
    die_at("payment_reminder", name, moment)
    empty_queue(now=read_now() + LATER)
    assert count_mails() == 1
    assert states_of(receivable_id)["payment_reminder"] == "done"
    assert find_effect("payment_reminder").state == "done"
    play_until(after(10))
    assert states_of(receivable_id)["first_letter"] == "done"


@pytest.mark.parametrize(("name", "moment"), every(LETTER))
def test_a_letter_goes_out_once_and_is_the_one_that_was_kept(each_app: Flask, name: str, moment: str) -> None:
    receivable_id = a_due_letter()
    die_at("first_letter", name, moment)
    empty_queue(now=read_now() + LATER)
    assert count_mails() == 1
    (letter,) = db.session.scalars(select(Letter)).all()
    settings = current_app.config["SETTINGS"]
    (file,) = (settings.home / "mail").glob("*.eml")
    (attached,) = email.message_from_bytes(file.read_bytes()).get_payload()[1:]
    kept = Path(settings.storage_url.removeprefix("file://")) / letter.sha256[:2] / f"{letter.sha256[2:]}.pdf"
    assert attached.get_payload(decode=True) == kept.read_bytes()
    (step,) = [s for s in read_dossier(receivable_id).steps if s.kind == "first_letter"]
    assert (step.state, step.done_on, step.deadline) == ("done", after(0), letter.deadline)


@pytest.mark.parametrize(("name", "moment"), every((*HANDOVER, *LOOK)))
def test_one_claim_is_handed_over(each_app: Flask, name: str, moment: str) -> None:
    receivable_id = a_due_handover()
    die_at("handover", name, moment)
    empty_queue(now=read_now() + LATER)
    states = count_claims()
    assert states["accepted"] == 1
    assert set(states) <= {"accepted", "created"}
    case = read_dossier(receivable_id).case
    assert (case.status, case.claim_in_review) == ("handed_over", False)


def test_a_worker_killed_again_and_again_hands_over_once(each_app: Flask) -> None:
    a_due_handover()
    effect_id, now = find_effect("handover").id, read_now()
    for name in HANDOVER:
        with crash_points(name.removesuffix(" 2").removesuffix(" 3")), pytest.raises(Killed):
            carry_out(effect_id, now)
        now += LATER
    empty_queue(now=now)
    assert count_claims()["accepted"] == 1
    assert find_effect("handover").attempt >= len(HANDOVER)


def count_claims() -> dict[str, int]:
    """How many claims the partner has, by state."""
    db.session.rollback()
    return dict(Counter(db.session.scalars(select(SandboxClaim.submission_state))))


# --- A server that cannot be asked afterwards (F01) ---


@pytest.fixture
def server(make_app: Callable[..., Flask]) -> Iterator[SmtpServer]:
    with SmtpServer("ok") as smtp:
        make_app(SMTP_URL=smtp.url)
        yield smtp


@pytest.mark.parametrize(("name", "moment"), every(REMINDER))
def test_a_mail_over_smtp_goes_out_once_or_is_shown_to_a_person(
    server: SmtpServer, name: str, moment: str
) -> None:
    receivable_id = a_due_reminder()
    die_at("payment_reminder", name, moment)
    empty_queue(now=read_now() + LATER)
    begun = [("enter_data", AFTER), ("finish_step", BEFORE)]
    end = "in_doubt" if (name, moment) in begun else "done"
    assert (find_effect("payment_reminder").state, states_of(receivable_id)["payment_reminder"]) == (end, end)
    assert len(server.deliveries) == (0 if (name, moment) == ("enter_data", AFTER) else 1)
    empty_queue(now=read_now() + 100 * LATER)
    assert len(server.deliveries) <= 1


# --- The run itself ---

RUN = ("note_day", "allocate_payment", "advance_receivable", "end_day")


def a_full_day() -> tuple[int, int]:
    """A case to be paid and a receivable to become a case, both on the tenth day; nothing of it has been played."""
    case_id = a_case("running", due_date=after(-10), day=10)
    receivable_id = a_receivable()
    play_until(after(9))
    pay(order_of(case_id).order_id, 100_00, after(10), booked=after(9))
    return case_id, receivable_id


def test_every_commit_of_a_run_has_its_expectation(app: Flask) -> None:
    a_full_day()
    with crash_points() as passed:
        run_day(a_desk(after(10)))
    assert tuple(passed) == RUN


@pytest.mark.parametrize(("name", "moment"), every(RUN))
def test_a_run_killed_in_the_middle_is_finished_by_the_next(each_app: Flask, name: str, moment: str) -> None:
    case_id, receivable_id = a_full_day()
    with crash_points(name, moment), pytest.raises(Killed):
        run_day(a_desk(after(10)))
    play(after(10))
    assert read_case(case_id).status == "paid"
    assert read_dossier(receivable_id).case.status == "running"
    assert states_of(receivable_id)["first_letter"] == "done"
    assert count_mails() == 4


# --- The facts change while it is being made (F17) ---


def test_a_payment_while_the_letter_is_printed_stops_it(each_app: Flask, monkeypatch) -> None:
    receivable_id = a_due_letter()
    order_id = order_of(read_dossier(receivable_id).case.id).order_id

    class PayingPress(QuickPress):
        def render(self, letter) -> bytes:
            with each_app.app_context():
                pay(order_id, 100_00, after(0))
            return super().render(letter)

    monkeypatch.setattr("dunning.jobs.ways.channels.LetterPress", PayingPress)
    empty_queue()
    assert count_mails() == 0
    assert find_effect("first_letter").state == "superseded"
    assert states_of(receivable_id)["first_letter"] == "superseded"
    assert read_dossier(receivable_id).case.status == "paid"


def test_a_part_payment_while_the_letter_is_printed_makes_it_anew(each_app: Flask, monkeypatch) -> None:
    receivable_id = a_due_letter()
    order_id = order_of(read_dossier(receivable_id).case.id).order_id
    totals: list[int] = []

    class PayingPress(QuickPress):
        def render(self, letter) -> bytes:
            totals.append(letter.total)
            if len(totals) == 1:
                with each_app.app_context():
                    pay(order_id, 30_00, after(0))
            return super().render(letter)

    monkeypatch.setattr("dunning.jobs.ways.channels.LetterPress", PayingPress)
    empty_queue()
    assert totals == [100_00, 70_00]
    (letter,) = db.session.scalars(select(Letter)).all()
    assert (letter.total_cents, letter.number, count_mails()) == (70_00, 1, 1)
    assert states_of(receivable_id)["first_letter"] == "done"
