"""At the sandbox's desk a person decides about claims under review."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import get_args
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dunning.jobs.ways.channels import make_partner
from dunning.outside.partner.answers import MandateAnswer
from dunning.outside.partner.talk import advance_handover, judge_claim
from dunning.rules.partner.wish import Wish
from dunning.sandbox.answers import AnswerType
from dunning.sandbox.app import create_sandbox_app
from dunning.sandbox.clock import read_today
from dunning.settings import Settings, SettingsError
from tests.conftest import Browser
from tests.outside.partner.partner_server import LETTERS, a_handover, make_sandbox, read_states, talk_inside


@pytest.fixture
def sandbox(tmp_path: Path) -> Flask:
    """API and page with one claim under review."""
    make_sandbox(tmp_path)
    url = f"sqlite:///{tmp_path / 'sandbox.db'}"
    app = create_sandbox_app(Settings.from_environment({"DUNNING_HOME": str(tmp_path), "DATABASE_URL": url}))
    advance_handover(talk_inside(app), a_handover("SLOW-<b>Muster</b>"), LETTERS, {}, lambda _: None)
    return app


@pytest.fixture
def desk(sandbox: Flask) -> FlaskClient:
    return sandbox.test_client()


def read_token(desk: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/sandbox/claims/1").text)
    assert found
    return found[1]


def test_the_page_lists_claims_and_shows_names_as_text(desk: FlaskClient) -> None:
    page = desk.get("/sandbox")
    assert 'data-state="under_review"' in page.text
    assert "SLOW-&lt;b&gt;Muster" in page.text
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_an_accepted_claim_gets_a_mandate(sandbox: Flask, desk: FlaskClient) -> None:
    answer = desk.post("/sandbox/claims/1/accept", data={"csrf_token": read_token(desk)})
    assert answer.status_code == 303
    outcome = judge_claim(talk_inside(sandbox).find_claims(a_handover().reference)[0])
    assert outcome.state == "accepted"
    assert outcome.mandate_id


def test_a_rejection_reaches_us_with_its_reasons(sandbox: Flask, desk: FlaskClient) -> None:
    reasons = "Debtor is insolvent.\n\n Invoice is missing. "
    form = {"csrf_token": read_token(desk), "reasons": reasons}
    assert desk.post("/sandbox/claims/1/reject", data=form).status_code == 303
    outcome = judge_claim(talk_inside(sandbox).find_claims(a_handover().reference)[0])
    assert (outcome.state, outcome.reasons) == ("rejected", ("Debtor is insolvent.", "Invoice is missing."))


def test_a_rejection_needs_a_reason(sandbox: Flask, desk: FlaskClient) -> None:
    form = {"csrf_token": read_token(desk), "reasons": " \n "}
    assert desk.post("/sandbox/claims/1/reject", data=form).status_code == 422
    assert read_states(sandbox) == ["under_review"]


def test_a_claim_is_decided_once(sandbox: Flask, desk: FlaskClient) -> None:
    form = {"csrf_token": read_token(desk), "reasons": "No."}
    desk.post("/sandbox/claims/1/accept", data=form)
    assert desk.post("/sandbox/claims/1/reject", data=form).status_code == 409
    assert desk.post("/sandbox/claims/1/accept", data=form).status_code == 409
    assert read_states(sandbox) == ["accepted"]


def test_an_unknown_claim_is_not_found(desk: FlaskClient) -> None:
    assert desk.post("/sandbox/claims/99/accept", data={"csrf_token": read_token(desk)}).status_code == 404


def test_without_a_token_nothing_is_decided(sandbox: Flask, desk: FlaskClient) -> None:
    assert desk.post("/sandbox/claims/1/accept").status_code == 400
    assert read_states(sandbox) == ["under_review"]


# --- What happens to a mandate ---

TODAY = read_today().isoformat()
NEXT_WEEK = (read_today() + dt.timedelta(days=7)).isoformat()


@pytest.fixture
def mandate(desk: FlaskClient) -> FlaskClient:
    """The desk with its claim accepted."""
    act(desk, "accept")
    return desk


def act(desk: FlaskClient, path: str, **fields: str) -> int:
    """Sends a form of the claim's page; the status of the answer."""
    form = {"csrf_token": read_token(desk), **fields}
    return desk.post(f"/sandbox/claims/1/{path}", data=form).status_code


def look(sandbox: Flask) -> MandateAnswer:
    """The mandate as the client sees it."""
    return next(talk_inside(sandbox).list_mandates())


def test_a_claim_goes_from_court_to_monitoring_step_by_step(sandbox: Flask, mandate: FlaskClient) -> None:
    stages = []
    for _ in range(3):
        assert act(mandate, "do/advance") == 303
        stages.append(look(sandbox).legal_stage)
    assert stages == ["judicial_dunning", "foreclosure", "long_term_monitoring"]
    assert act(mandate, "do/advance") == 409


def test_a_payment_of_the_debtor_counts_once_however_often_its_form_is_sent(
    sandbox: Flask, mandate: FlaskClient
) -> None:
    form = {"amount": "150,50", "value_date": TODAY, "key": str(uuid4())}
    assert [act(mandate, "payments", **form) for _ in range(2)] == [303, 303]
    [payment] = look(sandbox).claims[0].payments
    assert (payment.amount.cents, payment.your_reference) == (15_050, None)
    assert look(sandbox).payment_state == "partially_paid"


def test_a_payment_that_was_taken_back_counts_no_more(sandbox: Flask, mandate: FlaskClient) -> None:
    act(mandate, "payments", amount="20", value_date=TODAY, key=str(uuid4()))
    payment = look(sandbox).claims[0].payments[0].id
    assert act(mandate, f"payments/{payment}/return") == 303
    assert (look(sandbox).claims[0].payments, look(sandbox).payment_state) == ([], "unpaid")
    assert act(mandate, f"payments/{payment}/return") == 409


@pytest.mark.parametrize(
    ("deed", "states"),
    [
        ("end-paid", ("ended", "fully_paid")),
        ("end-unpaid", ("ended", "unpaid")),
        ("refuse", ("canceled_by_service_provider", "unpaid")),
    ],
)
def test_a_mandate_ends_once(
    sandbox: Flask, mandate: FlaskClient, deed: str, states: tuple[str, str]
) -> None:
    assert [act(mandate, f"do/{deed}") for _ in range(2)] == [303, 409]
    ended = look(sandbox)
    assert (ended.processing_state, ended.payment_state) == states
    assert ended.legal_stage == "ended"


def test_an_acceptance_can_be_withdrawn_with_all_that_was_done(sandbox: Flask, mandate: FlaskClient) -> None:
    act(mandate, "payments", amount="20", value_date=TODAY, key=str(uuid4()))
    act(mandate, "do/advance")
    assert act(mandate, "withdraw", reason=" ") == 422
    form = {"csrf_token": read_token(mandate), "reason": "Opened by mistake."}
    assert [mandate.post("/sandbox/claims/1/withdraw", data=form).status_code for _ in range(2)] == [303, 404]
    outcome = judge_claim(talk_inside(sandbox).find_claims(a_handover().reference)[0])
    assert (outcome.state, outcome.mandate_id) == ("rejected", None)
    assert outcome.reasons == ("Opened by mistake.",)
    assert list(talk_inside(sandbox).list_mandates()) == []


def test_a_pause_can_be_ended_early(sandbox: Flask, mandate: FlaskClient) -> None:
    assert act(mandate, "pause", until=NEXT_WEEK) == 303
    assert look(sandbox).processing_state == "paused"
    assert [act(mandate, "do/resume") for _ in range(2)] == [303, 409]
    assert look(sandbox).processing_state == "in_progress"


@pytest.mark.parametrize("answer_type", get_args(AnswerType))
def test_every_type_of_question_can_be_asked(sandbox: Flask, mandate: FlaskClient, answer_type: str) -> None:
    form = {"title": "Tell us", "answer_type": answer_type, "key": str(uuid4())}
    assert [act(mandate, "questions", **form) for _ in range(2)] == [303, 303]
    [question] = talk_inside(sandbox).list_questions(look(sandbox).id)
    assert (question.title, question.allowed_answer_types) == ("Tell us", [answer_type])


@pytest.mark.parametrize(
    ("decision", "state"), [("confirm", "canceled_by_client"), ("refuse", "in_progress")]
)
def test_a_wish_about_a_slow_debtor_is_decided_here_once(
    sandbox: Flask, mandate: FlaskClient, decision: str, state: str
) -> None:
    wish = Wish(mandate_id=look(sandbox).id, kind="cancel", text="Paid.", reference="c-1")
    talk_inside(sandbox).send_request(wish)
    assert look(sandbox).processing_state == "in_progress"
    assert [act(mandate, f"requests/1/{decision}") for _ in range(2)] == [303, 409]
    assert look(sandbox).processing_state == state


def test_what_cannot_be_used_is_said_and_nothing_happens(sandbox: Flask, mandate: FlaskClient) -> None:
    before, key = look(sandbox).updated, str(uuid4())
    unusable = [
        ("payments", {"amount": "-5", "value_date": TODAY, "key": key}),
        ("payments", {"amount": "0", "value_date": TODAY, "key": key}),
        ("payments", {"amount": "5", "value_date": "31.12.", "key": key}),
        ("payments", {"amount": "5", "value_date": TODAY, "key": "x"}),
        ("pause", {"until": "2020-01-01"}),
        ("pause", {}),
        ("questions", {"title": " ", "answer_type": "yes-no", "key": key}),
        ("questions", {"title": "Tell us", "answer_type": "maybe", "key": key}),
    ]
    assert [act(mandate, path, **fields) for path, fields in unusable] == [422] * len(unusable)
    assert (look(sandbox).updated, talk_inside(sandbox).list_questions(look(sandbox).id)) == (before, [])


def test_what_was_typed_is_shown_again(mandate: FlaskClient) -> None:
    form = {"csrf_token": read_token(mandate), "amount": "a <lot>", "value_date": TODAY, "key": str(uuid4())}
    page = mandate.post("/sandbox/claims/1/payments", data=form).text
    assert "The amount is none." in page
    assert 'value="a &lt;lot&gt;"' in page


def test_without_a_token_nothing_happens_to_a_mandate(mandate: FlaskClient) -> None:
    paths = ["do/advance", "pause", "payments", "questions", "payments/1/return", "requests/1/confirm"]
    assert {mandate.post(f"/sandbox/claims/1/{path}").status_code for path in paths} == {400}


@pytest.mark.parametrize("path", ["do/advance", "do/explode", "requests/1/confirm"])
def test_without_a_mandate_there_is_nothing_to_do(desk: FlaskClient, path: str) -> None:
    assert act(desk, path) == 404


def test_the_page_shows_all_that_has_happened(mandate: FlaskClient) -> None:
    act(mandate, "payments", amount="20", value_date=TODAY, key=str(uuid4()))
    act(mandate, "pause", until=NEXT_WEEK)
    page = mandate.get("/sandbox/claims/1").text
    for words in (
        'data-processing-state="paused"',
        f"{TODAY}: 20.00 €",
        f"Until {NEXT_WEEK}",
        "Move to court",
    ):
        assert words in page


def test_of_many_who_decide_at_once_one_does(each_app: Flask, tmp_path: Path) -> None:
    url = each_app.config["SQLALCHEMY_DATABASE_URI"]
    variables = {"DUNNING_HOME": str(tmp_path), "DATABASE_URL": url}
    app = create_sandbox_app(Settings.from_environment(variables))
    advance_handover(talk_inside(app), a_handover(), LETTERS, {}, lambda _: None)
    start, deeds = Barrier(6), ["end-paid", "end-unpaid", "refuse"] * 2

    def act_together(deed: str) -> int:
        desk = app.test_client()
        form = {"csrf_token": read_token(desk)}
        start.wait()
        return desk.post(f"/sandbox/claims/1/do/{deed}", data=form).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(act_together, deeds)) == [303, 409, 409, 409, 409, 409]
    assert len(look(app).status_updates) == 1


def test_the_desk_stands_in_the_web_part_too(app: Flask, client: Browser) -> None:
    advance_handover(
        make_partner(app.config["SETTINGS"]), a_handover("SLOW-Muster"), LETTERS, {}, lambda _: None
    )
    assert "SLOW-Muster" in client.get("/sandbox").text
    assert client.send("/sandbox/claims/1/reject", {"reasons": ""}).status_code == 422
    assert client.post("/sandbox/claims/1/accept").status_code == 400
    assert client.send("/sandbox/claims/1/accept", {}).status_code == 303
    assert client.send("/sandbox/claims/1/accept", {}).status_code == 409
    assert 'data-processing-state="in_progress"' in client.get("/sandbox/claims/1").text


def test_production_has_no_sandbox(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DUNNING_HOME": str(tmp_path)})
    with pytest.raises(SettingsError, match="sandbox"):
        create_sandbox_app(replace(settings, environment="production"))
