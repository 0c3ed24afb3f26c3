"""The partner's questions: what support sees and answers, what the vendor hears of them, and what is refused."""

import io
import re

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select

from dunning.outside.storage import open_uploads
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.partner import PartnerQuestion
from tests.actions.at_partner.partner_says import cases_at_partner, hear
from tests.actions.to_partner.partner_asks import answers_at_partner, ask, read_row
from tests.builders import a_case, a_user, empty_queue, read_case
from tests.conftest import Browser
from tests.statements import counted_statements
from tests.web.world import part_of, text_of

pytestmark = pytest.mark.usefixtures("quick_press")
LIST = "/admin/questions"
PDF = b"%PDF-1.7 delivery note"
REASON, DATED = "yes-no-freetext-on-no", "yes-with-date-no-freetext-on-no"


@pytest.fixture
def staff(app: Flask) -> Browser:
    return log_in(app, a_user("support", name="Jule Muster"))


@pytest.fixture
def case_id(app: Flask) -> int:
    return cases_at_partner()[0]


def log_in(app: Flask, user_id: int) -> Browser:
    browser = app.test_client()
    browser.login_as(user_id)
    return browser


def give(browser: Browser, case_id: int, question_id: int, kind: str = "yes-no", **typed):
    data = {"question": question_id, "answer_type": kind} | typed
    return browser.send(f"/admin/cases/{case_id}/answer", data)


def card(browser: Browser, case_id: int) -> str:
    return text_of(part_of(browser.get(f"/admin/cases/{case_id}").text, "questions"))


def messages() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Effect.kind == "partner_answer")) or 0


# --- Who ---


def test_strangers_log_in_and_vendors_find_nothing(app: Flask) -> None:
    case_id = cases_at_partner()[0]
    question_id = ask(case_id)
    stranger, vendor = app.test_client(), log_in(app, a_user(vendor_id=read_case(case_id).vendor_id))
    assert stranger.get(LIST).status_code == 303
    assert vendor.get(LIST).status_code == 404
    assert give(stranger, case_id, question_id, value="yes").status_code == 303
    assert give(vendor, case_id, question_id, value="yes").status_code == 404
    assert read_row(question_id).answered_at is None


def test_without_a_token_nothing_is_answered(staff: Browser, case_id: int) -> None:
    question_id = ask(case_id)
    data = {"question": question_id, "answer_type": "yes-no", "value": "yes"}
    assert staff.post(f"/admin/cases/{case_id}/answer", data=data).status_code == 400
    assert read_row(question_id).answered_at is None


def test_the_vendor_hears_that_a_question_waits_and_not_which(app: Flask) -> None:
    case_id = cases_at_partner()[0]
    vendor = log_in(app, a_user(vendor_id=read_case(case_id).vendor_id))
    said = "Der Inkassopartner hat eine Frage zu diesem Fall."
    assert said not in text_of(vendor.get(f"/cases/{case_id}").text)
    question_id = ask(case_id, title="Internal doubts")
    page = vendor.get(f"/cases/{case_id}").text
    assert said in text_of(page)
    assert "/answer" not in page
    assert "Internal doubts" not in page
    give(log_in(app, a_user("support")), case_id, question_id, value="yes")
    assert said not in text_of(vendor.get(f"/cases/{case_id}").text)


# --- Where it is seen ---


def test_an_open_question_stands_in_the_menu_the_list_and_on_the_case(staff: Browser, case_id: int) -> None:
    assert "Keine Frage wartet" in text_of(staff.get(LIST).text)
    question_id = ask(case_id)
    page = staff.get(LIST).text
    assert re.search(r"Fragen\s*<[^>]*>\s*1", page.partition("<main")[0])
    assert "Was the course delivered?" in text_of(page)
    assert f'href="/admin/cases/{case_id}#question-{question_id}"' in page
    assert "The buyer says it was not." in card(staff, case_id)
    assert "wartet auf Antwort" in card(staff, case_id)


def test_answered_it_waits_no_more_and_is_gone_when_the_partner_has_it(staff: Browser, case_id: int) -> None:
    question_id = ask(case_id)
    answer = give(staff, case_id, question_id, value="no")
    assert (answer.status_code, answer.location) == (303, f"/admin/cases/{case_id}")
    assert "die Antwort ist unterwegs" in text_of(staff.get(LIST).text)
    shown = card(staff, case_id)
    assert "die Antwort ist unterwegs" in shown
    assert "Antwort Nein" in shown
    assert "Jule Muster" in shown
    empty_queue()
    assert answers_at_partner() == [{"value": "no"}]
    assert "Keine Frage wartet" in text_of(staff.get(LIST).text)
    assert "der Inkassopartner hat die Antwort" in card(staff, case_id)


def test_a_question_waits_for_nobody_once_the_partner_has_ended_its_work(app: Flask, case_id: int) -> None:
    staff, vendor = (
        log_in(app, a_user(role, vendor_id=vendor_id))
        for role, vendor_id in (("support", None), ("vendor", read_case(case_id).vendor_id))
    )
    ask(case_id)
    assert "hat eine Frage zu diesem Fall" in text_of(vendor.get(f"/cases/{case_id}").text)
    hear(case_id, minute=1, processing_state="ended")
    assert "hinfällig: der Partner hat seine Arbeit beendet" in card(staff, case_id)
    assert "Was the course delivered?" not in text_of(staff.get(LIST).text)
    assert "hat eine Frage zu diesem Fall" not in text_of(vendor.get(f"/cases/{case_id}").text)


def test_a_case_without_questions_shows_no_card(app: Flask) -> None:
    case_id, browser = a_case("running"), log_in(app, a_user("support"))
    assert 'aria-labelledby="questions"' not in browser.get(f"/admin/cases/{case_id}").text


def test_the_list_costs_the_same_however_many_there_are(staff: Browser, case_id: int) -> None:
    staff.get(LIST)
    ask(case_id)
    with counted_statements() as few:
        staff.get(LIST)
    for number in range(3):
        ask(case_id, title=f"Question {number}")
    with counted_statements() as many:
        staff.get(LIST)
    assert len(many) == len(few)


def test_what_the_partner_writes_is_shown_as_text(staff: Browser, case_id: int) -> None:
    ask(case_id, title="<b hx-get=/x>Why?</b>")
    for path in (LIST, f"/admin/cases/{case_id}"):
        assert "<b hx-get" not in staff.get(path).text


# --- Answers of every kind ---


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("yes-no", {"value": "yes"}, {"value": "yes"}),
        ("yes-no-dontknow", {"value": "dontknow"}, {"value": "dontknow"}),
        (REASON, {"value": "no", "text": "never ordered"}, {"value": "no", "text": "never ordered"}),
        (DATED, {"value": "yes", "date": "2026-01-02"}, {"value": "yes", "date": "2026-01-02"}),
        (
            "dynamic-form",
            {"field-0": "2026-01-02", "field-1": "phone", "field-2": "3", "field-3": "on", "field-4": "soon"},
            {
                "fields": {
                    "contract_day": "2026-01-02",
                    "channel": "phone",
                    "attempts": 3,
                    "delivered": True,
                    "remark": "soon",
                }
            },
        ),
    ],
)
def test_an_answer_of_each_kind_reaches_the_partner(
    staff: Browser, case_id: int, kind: str, typed: dict, expected: dict
) -> None:
    question_id = ask(case_id, kind)
    page = staff.get(f"/admin/cases/{case_id}").text
    assert all(f'name="{name}"' in page for name in typed)
    assert give(staff, case_id, question_id, kind, **typed).status_code == 303
    empty_queue()
    assert answers_at_partner() == [expected]


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("yes-no", {}, "Wählen Sie eine Antwort."),
        ("yes-no", {"value": "dontknow"}, "keine der Antworten"),
        ("yes-no-dontknow", {"value": "<b>"}, "keine der Antworten"),
        (REASON, {"value": "no"}, "Sagen Sie, warum nicht."),
        (REASON, {"value": "no", "text": "x" * 2_100}, "zu lang"),
        (DATED, {"value": "yes", "date": "tomorrow"}, "kein Datum"),
        (DATED, {"value": "yes"}, "Geben Sie das Datum an."),
        ("dynamic-form", {"field-4": "typed before"}, "Day of the contract: Füllen Sie das aus."),
        ("dynamic-form", {"field-0": "2026-01-02", "field-2": "many"}, "keine Zahl"),
        ("fileupload", {}, "mindestens eine Datei"),
    ],
)
def test_what_is_not_right_is_said_and_nothing_typed_is_lost(
    staff: Browser, case_id: int, kind: str, typed: dict, said: str
) -> None:
    question_id = ask(case_id, kind)
    answer = give(staff, case_id, question_id, kind, **typed)
    assert answer.status_code == 422
    assert said in text_of(part_of(answer.text, "questions"))
    if text := typed.get("text") or typed.get("field-4"):
        assert text in answer.text
    assert (read_row(question_id).answered_at, messages()) == (None, 0)


def test_an_answer_type_the_question_does_not_have_is_not_understood(staff: Browser, case_id: int) -> None:
    question_id = ask(case_id, REASON)
    assert give(staff, case_id, question_id, "yes-no", value="no").status_code == 400
    assert give(staff, case_id, question_id, "telepathy").status_code == 400


@pytest.mark.parametrize("number", ["", "x", "0", "-1", "99", "9" * 30])
def test_a_question_that_is_none_is_not_found(staff: Browser, case_id: int, number: str) -> None:
    assert give(staff, case_id, number, value="yes").status_code == 404


def test_a_question_of_another_case_is_not_found(staff: Browser, case_id: int) -> None:
    question_id, other = ask(case_id), cases_at_partner()[0]
    assert give(staff, other, question_id, value="yes").status_code == 404


def test_a_kind_nobody_knows_leads_to_the_portal(staff: Browser, case_id: int) -> None:
    question_id = ask(case_id)
    with transaction() as session:
        session.get_one(PartnerQuestion, question_id).answer_types = ["telepathy"]
    page = staff.get(f"/admin/cases/{case_id}").text
    assert f'href="{current_app.config["SETTINGS"].policy.partner.portal_url}"' in page
    assert f"/admin/cases/{case_id}/answer" not in page


def test_two_kinds_to_choose_from_are_two_forms(staff: Browser, case_id: int) -> None:
    question_id = ask(case_id)
    with transaction() as session:
        session.get_one(PartnerQuestion, question_id).answer_types = ["yes-no", "fileupload"]
    page = staff.get(f"/admin/cases/{case_id}").text
    assert re.findall(r'name="answer_type" value="([^"]+)"', page) == ["yes-no", "fileupload"]


# --- Twice ---


def test_a_double_click_answers_once(staff: Browser, case_id: int) -> None:
    question_id = ask(case_id)
    page = part_of(staff.get(f"/admin/cases/{case_id}").text, "questions")
    key = re.search(r'name="form_key" value="([^"]+)"', page)[1]
    for _ in range(2):
        answer = give(staff, case_id, question_id, value="yes", form_key=key)
        assert (answer.status_code, answer.location) == (303, f"/admin/cases/{case_id}")
    assert messages() == 1


def test_a_colleague_who_was_faster_is_named_as_such(staff: Browser, case_id: int) -> None:
    question_id = ask(case_id)
    give(staff, case_id, question_id, value="yes")
    answer = give(staff, case_id, question_id, value="no")
    assert answer.status_code == 409
    assert "inzwischen beantwortet" in text_of(answer.text)
    empty_queue()
    assert answers_at_partner() == [{"value": "yes"}]


# --- Files ---


def upload(browser: Browser, case_id: int, question_id: int, *files: tuple[bytes, str]):
    data = {
        "question": str(question_id),
        "answer_type": "fileupload",
        "csrf_token": browser.token(),
        "files": [(io.BytesIO(content), name) for content, name in files],
    }
    return browser.post(f"/admin/cases/{case_id}/answer", data=data)


def test_files_are_stored_before_they_are_sent(staff: Browser, case_id: int) -> None:
    question_id = ask(case_id, "fileupload")
    assert upload(staff, case_id, question_id, (PDF, "../Lieferschein.pdf")).status_code == 303
    (kept,) = read_row(question_id).answer["files"]
    assert kept["name"] == "Lieferschein.pdf"
    assert open_uploads(current_app.config["SETTINGS"].storage_url).get(kept["sha256"]) == PDF
    empty_queue()
    assert answers_at_partner()[0]["files"][0]["name"] == "Lieferschein.pdf"
    assert "Lieferschein.pdf" in card(staff, case_id)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([(b"PK\x03\x04" + b"\0" * 1000, "bomb.pdf")], "Nur PDF"),
        ([(b"<script>", "page.pdf")], "Nur PDF"),
        ([(PDF, "a.pdf"), (b"", "empty.pdf")], "leer"),
        ([(PDF, f"{number}.pdf") for number in range(6)], "zu viele"),
        ([(PDF.ljust(10 * 1024 * 1024 + 1), "large.pdf")], "zu groß"),
    ],
)
def test_files_that_cannot_be_taken_are_refused_in_words(app: Flask, files: list, said: str) -> None:
    case_id, browser = cases_at_partner()[0], log_in(app, a_user("support"))
    question_id = ask(case_id, "fileupload")
    answer = upload(browser, case_id, question_id, *files)
    assert answer.status_code == 422
    assert said in text_of(part_of(answer.text, "questions"))
    assert read_row(question_id).answered_at is None


def test_an_upload_beyond_all_measure_is_not_read(app: Flask) -> None:
    case_id, browser = cases_at_partner()[0], log_in(app, a_user("support"))
    question_id = ask(case_id, "fileupload")
    assert upload(browser, case_id, question_id, (PDF.ljust(21 * 1024 * 1024), "a.pdf")).status_code == 413
    assert read_row(question_id).answered_at is None
