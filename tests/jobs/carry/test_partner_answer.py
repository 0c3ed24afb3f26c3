"""Answers on their way: one at the partner whatever happens, and the question open again when it is refused."""

import base64
import datetime as dt
import hashlib

import pytest
from flask import current_app
from sqlalchemy import select

from dunning.actions.dossier.refusals import NotFound
from dunning.actions.to_partner.answer_question import AlreadyAnswered, answer_question
from dunning.clock import read_now
from dunning.outside.storage import open_uploads
from dunning.records import db, transaction
from dunning.sandbox.deeds import answer_one
from dunning.sandbox.tables import SandboxQuestion
from dunning.work import Actor
from tests.actions.at_partner.partner_says import cases_at_partner
from tests.actions.to_partner.partner_asks import answers_at_partner, ask, poll, read_row
from tests.builders import a_desk, a_user, after, empty_queue, find_effect, read_history
from tests.faults.crash_points import AFTER, BEFORE, Killed, crash_points

pytestmark = [pytest.mark.usefixtures("quick_press"), pytest.mark.usefixtures("each_app")]


@pytest.fixture
def case_id() -> int:
    return cases_at_partner()[0]


COMMITS = ("take", "note_acknowledged")
LATER = dt.timedelta(minutes=10)


def a_clerk() -> Actor:
    return Actor("support", a_user("support", name="Jule"))


def give(
    case_id: int, question_id: int, answer: dict, actor: Actor | None = None, kind: str = "yes-no"
) -> None:
    answer_question(case_id, question_id, kind, answer, actor or a_clerk(), a_desk(after(41)))


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("yes-no", {"value": "yes"}),
        ("yes-no-dontknow", {"value": "dontknow"}),
        ("yes-no-freetext-on-no", {"value": "no", "text": "never ordered"}),
        ("yes-with-date-no-freetext-on-no", {"value": "yes", "date": "2026-01-02"}),
        ("dynamic-form", {"fields": {"contract_day": "2026-01-02", "channel": "shop", "delivered": True}}),
    ],
)
def test_every_kind_of_answer_reaches_the_partner_and_is_acknowledged(
    case_id: int, kind: str, answer
) -> None:
    question_id = ask(case_id, kind)
    give(case_id, question_id, answer, kind=kind)
    assert read_row(question_id).acknowledged_at is None
    empty_queue()
    assert answers_at_partner() == [answer]
    assert read_row(question_id).acknowledged_at is not None
    assert find_effect("partner_answer").state == "done"


def test_an_upload_arrives_as_it_was_stored(case_id: int) -> None:
    question_id = ask(case_id, "fileupload")
    content = b"%PDF-1.7 delivery note"
    sha256 = open_uploads(current_app.config["SETTINGS"].storage_url).put(content)
    give(case_id, question_id, {"files": [{"name": "note.pdf", "sha256": sha256}]}, kind="fileupload")
    empty_queue()
    # the sandbox keeps of a file that it arrived, not the file
    arrived = hashlib.sha256(base64.b64encode(content)).hexdigest()
    assert answers_at_partner() == [{"files": [{"name": "note.pdf", "sha256": arrived}]}]


def test_who_answered_stands_in_the_history_and_not_what(case_id: int) -> None:
    question_id, clerk = ask(case_id), a_clerk()
    give(case_id, question_id, {"value": "no"}, clerk)
    row = read_history(case_id)[-1]
    assert (row.verb, row.user_id, row.detail["question"]) == (
        "answer_question",
        clerk.user_id,
        "Was the course delivered?",
    )
    assert "value" not in row.detail


def test_a_question_is_answered_once(case_id: int) -> None:
    question_id = ask(case_id)
    give(case_id, question_id, {"value": "yes"})
    with pytest.raises(AlreadyAnswered):
        give(case_id, question_id, {"value": "no"})
    empty_queue()
    assert answers_at_partner() == [{"value": "yes"}]


def test_a_question_of_another_case_is_not_found(case_id: int) -> None:
    question_id = ask(case_id)
    other = cases_at_partner()[0]
    with pytest.raises(NotFound):
        give(other, question_id, {"value": "yes"})
    with pytest.raises(NotFound):
        give(case_id, question_id + 1000, {"value": "yes"})


def test_an_answer_on_its_way_is_committed_at_these_places(case_id: int) -> None:
    give(case_id, ask(case_id), {"value": "yes"})
    with crash_points() as passed:
        empty_queue()
    assert tuple(passed) == COMMITS


@pytest.mark.parametrize("moment", [BEFORE, AFTER])
@pytest.mark.parametrize("name", COMMITS)
def test_killed_at_any_commit_the_partner_gets_one_answer(case_id: int, name: str, moment: str) -> None:
    question_id = ask(case_id)
    give(case_id, question_id, {"value": "yes"})
    with crash_points(name, moment), pytest.raises(Killed):
        empty_queue()
    db.session.rollback()
    empty_queue(now=read_now() + LATER)
    assert find_effect("partner_answer").state == "done"
    assert read_row(question_id).acknowledged_at is not None
    assert answers_at_partner() == [{"value": "yes"}]
    assert [row.verb for row in read_history(case_id)].count("answer_refused") == 0


def test_an_answer_the_partner_refuses_opens_the_question_again_with_its_words(case_id: int) -> None:
    question_id = ask(case_id, "yes-no-freetext-on-no")
    give(case_id, question_id, {"value": "no"})
    empty_queue()
    row = read_row(question_id)
    assert (row.answer, row.answered_at, row.answered_by, row.acknowledged_at) == (None, None, None, None)
    told = read_history(case_id)[-1]
    assert told.verb == "answer_refused"
    assert "say why not" in told.reason
    give(case_id, question_id, {"value": "no", "text": "never ordered"})
    empty_queue()
    assert answers_at_partner() == [{"value": "no", "text": "never ordered"}]


def test_answered_in_the_portal_first_nothing_of_ours_arrives(case_id: int) -> None:
    question_id = ask(case_id)
    give(case_id, question_id, {"value": "no"})
    answer_in_portal(case_id)
    empty_queue()
    assert answers_at_partner() == [{"value": "yes"}]
    assert read_row(question_id).acknowledged_at is not None


def test_answered_in_the_portal_it_cannot_be_answered_here(case_id: int) -> None:
    question_id = ask(case_id)
    answer_in_portal(case_id)
    poll(case_id)
    with pytest.raises(AlreadyAnswered):
        give(case_id, question_id, {"value": "no"})


def answer_in_portal(case_id: int) -> None:
    """Somebody logs in at the partner."""
    with transaction() as session:
        assert answer_one(session, session.scalars(select(SandboxQuestion)).one(), {"value": "yes"}) is None
