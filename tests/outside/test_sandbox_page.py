"""At the sandbox's desk a person decides about claims under review."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dunning.outside.handover_talk import advance_handover, judge_claim
from dunning.outside.sandbox import create_sandbox_app
from dunning.settings import Settings, SettingsError
from tests.outside.partner_server import LETTERS, a_handover, make_sandbox, read_states, talk_to


@pytest.fixture
def sandbox(tmp_path: Path) -> Flask:
    """API and page with one claim under review."""
    make_sandbox(tmp_path)
    url = f"sqlite:///{tmp_path / 'sandbox.db'}"
    app = create_sandbox_app(Settings.from_environment({"DUNNING_HOME": str(tmp_path), "DATABASE_URL": url}))
    with talk_to(app) as client:
        advance_handover(client, a_handover("SLOW-<b>Muster</b>"), LETTERS, {}, lambda _: None)
    return app


@pytest.fixture
def desk(sandbox: Flask) -> FlaskClient:
    return sandbox.test_client()


def read_token(desk: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/sandbox").text)
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
    with talk_to(sandbox) as client:
        outcome = judge_claim(client.find_claims(a_handover().reference)[0])
    assert outcome.state == "accepted"
    assert outcome.mandate_id


def test_a_rejection_reaches_us_with_its_reasons(sandbox: Flask, desk: FlaskClient) -> None:
    reasons = "Debtor is insolvent.\n\n Invoice is missing. "
    form = {"csrf_token": read_token(desk), "reasons": reasons}
    assert desk.post("/sandbox/claims/1/reject", data=form).status_code == 303
    with talk_to(sandbox) as client:
        outcome = judge_claim(client.find_claims(a_handover().reference)[0])
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


def test_production_has_no_sandbox(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DUNNING_HOME": str(tmp_path)})
    with pytest.raises(SettingsError, match="sandbox"):
        create_sandbox_app(replace(settings, environment="production"))
