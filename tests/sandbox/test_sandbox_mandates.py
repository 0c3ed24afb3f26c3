"""The sandbox's calls about mandates refuse what the documentation would refuse."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dunning.outside.partner.talk import advance_handover
from dunning.records.database import db, transaction
from dunning.sandbox.answers import FORM, find_problem
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.balance import SandboxBalance, add_interest, charge_fee, settle
from dunning.sandbox.deeds import ask_question
from dunning.sandbox.tables import SandboxMandate, SandboxPayment, SandboxQuestion
from tests.builders import DUE, after
from tests.outside.partner.partner_server import LETTERS, a_handover, make_sandbox, talk_inside
from tests.statements import counted_statements

Json = dict[str, Any]
EURO = {"value": "1.00", "currency": "EUR"}
A_PAYMENT = {"claim": "CLAIM", "amount": EURO, "value_date": "2026-03-01"}
A_HOOK = {"url": "https://example.org/", "events": ["mandate.updated"], "description": ""}
A_HOLD = {"kind": "hold", "text": "", "until": "2099-01-01", "your_reference": "h-1"}


@pytest.fixture
def sandbox(tmp_path: Path) -> Flask:
    """The sandbox with one mandate."""
    app = make_sandbox(tmp_path)
    advance_handover(talk_inside(app), a_handover(), LETTERS, {}, lambda _: None)
    return app


@pytest.fixture
def api(sandbox: Flask) -> FlaskClient:
    client = sandbox.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {SANDBOX_TOKEN}"
    return client


def find_mandate(api: FlaskClient) -> Json:
    return api.get("/v1/mandates/").get_json()["results"][0]


def refuse(api: FlaskClient, method: str, path: str, body: Json) -> list[str]:
    """The fields a refused body is refused for."""
    answer = api.open(path, method=method, json=body)
    assert answer.status_code == 400
    return list(answer.get_json())


def test_a_payment_against_the_documentation_is_refused(api: FlaskClient) -> None:
    claim = find_mandate(api)["claims"][0]["id"]
    wrong: list[tuple[Json, str]] = [
        ({"claim": "unknown"}, "claim"),
        ({"claim": None}, "claim"),
        ({"amount": {"value": 1, "currency": "EUR"}}, "amount.value"),
        ({"amount": {"value": "-1.00", "currency": "EUR"}}, "amount.value"),
        ({"amount": {"value": "1.00", "currency": "CHF"}}, "amount.currency"),
        ({"amount": {"value": "0.00", "currency": "EUR"}}, "non_field_errors"),
        ({"value_date": "1.3.2026"}, "value_date"),
        ({"your_reference": "x" * 256}, "your_reference"),
        ({"payer": "Anna"}, "payer"),
    ]
    for changes, field in wrong:
        assert refuse(api, "POST", "/v1/payments/", A_PAYMENT | {"claim": claim} | changes) == [field]
    assert find_mandate(api)["claims"][0]["payments"] == []


def test_a_mandate_can_only_be_archived_and_still_be_read(api: FlaskClient) -> None:
    path = f"/v1/mandates/{find_mandate(api)['id']}/"
    assert refuse(api, "PATCH", path, {"archived": False}) == ["archived"]
    assert refuse(api, "PATCH", path, {"archived": True, "processing_state": "paused"}) == [
        "processing_state"
    ]
    assert refuse(api, "PATCH", path, {}) == ["archived"]
    assert api.patch(path, json={"archived": True}).get_json()["archived"] is True
    assert api.get(path).get_json()["archived"] is True


def test_a_webhook_needs_a_safe_address_and_known_events(api: FlaskClient) -> None:
    for changes, field in [
        ({"url": "ftp://example.org/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["mandate.exploded"]}, "events.0"),
        ({"secret_key": "ours"}, "secret_key"),
    ]:
        assert refuse(api, "POST", "/v1/webhooks/", A_HOOK | changes) == [field]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/mandates/x/"),
        ("PATCH", "/v1/mandates/x/"),
        ("GET", "/v1/mandates/x/requests-to-client/"),
        ("GET", "/v1/mandates/MANDATE/requests-to-client/x/"),
        ("POST", "/v1/mandates/MANDATE/requests-to-client/x/answer/"),
        ("POST", "/sandbox-requests/x/"),
    ],
)
def test_what_is_not_there_is_not_found(api: FlaskClient, method: str, path: str) -> None:
    body = {"PATCH": {"archived": True}, "POST": A_HOLD if "sandbox-requests" in path else {"answer": {}}}
    path = path.replace("MANDATE", find_mandate(api)["id"])
    answer = api.open(path, method=method, json=body.get(method))
    assert (answer.status_code, list(answer.get_json())) == (404, ["detail"])


def test_without_a_token_nothing_is_said(sandbox: Flask) -> None:
    stranger = sandbox.test_client()
    for path in (
        "/v1/payments/",
        "/v1/webhooks/",
        "/v1/mandates/x/requests-to-client/x/answer/",
        "/sandbox-requests/x/",
    ):
        assert stranger.post(path, json={}).status_code == 401
    assert stranger.get("/v1/mandates/").status_code == 401


def test_a_longer_list_of_mandates_costs_no_more_statements(sandbox: Flask, api: FlaskClient) -> None:
    def count() -> int:
        with sandbox.app_context(), counted_statements() as seen:
            api.get("/v1/mandates/")
        return len(seen)

    few = count()
    for number in range(3):
        handover = a_handover(reference=f"r{number}")
        advance_handover(talk_inside(sandbox), handover, LETTERS, {}, lambda _: None)
    assert count() == few


def test_questions_come_in_pages_and_one_by_one(sandbox: Flask, api: FlaskClient) -> None:
    with sandbox.test_request_context(), transaction() as session:
        mandate = session.scalars(select(SandboxMandate)).one()
        for title in "abc":
            ask_question(session, mandate, title, "", "yes-no")
    path = f"/v1/mandates/{find_mandate(api)['id']}/requests-to-client/"
    first = api.get(f"{path}?limit=2").get_json()
    last = api.get(first["next"]).get_json()
    assert [asked["title"] for asked in first["results"] + last["results"]] == ["a", "b", "c"]
    asked = first["results"][0]
    assert api.get(f"{path}{asked['id']}/").get_json() == asked
    assert {"id", "title", "description", "allowed_answer_types", "file_attachments"} <= asked.keys()
    assert {"answered", "answer", "created", "answered_at"} <= asked.keys()


A_FILE = {"name": "contract.pdf", "content": "JVBERi0="}
WHOLE_FORM = {"contract_day": "2026-01-02", "channel": "shop"}


@pytest.mark.parametrize(
    ("answer_type", "right", "wrong"),
    [
        ("yes-no", {"value": "yes"}, {"value": "dontknow"}),
        ("yes-no-dontknow", {"value": "dontknow"}, {"value": "perhaps"}),
        ("yes-no-freetext-on-no", {"value": "no", "text": "Lost."}, {"value": "no"}),
        ("yes-with-date-no-freetext-on-no", {"value": "yes", "date": "2026-01-02"}, {"value": "yes"}),
        ("yes-with-date-no-freetext-on-no", {"value": "no", "text": "Never."}, {"value": "no", "text": ""}),
        ("fileupload", {"files": [A_FILE]}, {"files": []}),
        ("fileupload", {"files": [A_FILE, A_FILE]}, {"files": [{"name": "contract.pdf"}]}),
        ("dynamic-form", {"fields": WHOLE_FORM}, {"fields": {"channel": "shop"}}),
        ("dynamic-form", {"fields": WHOLE_FORM}, {"fields": WHOLE_FORM | {"contract_day": "soon"}}),
        ("dynamic-form", {"fields": WHOLE_FORM}, {"fields": WHOLE_FORM | {"channel": "pigeon"}}),
        ("dynamic-form", {"fields": WHOLE_FORM}, {"fields": WHOLE_FORM | {"colour": "blue"}}),
        ("dynamic-form", {"fields": WHOLE_FORM}, {"value": "yes"}),
    ],
)
def test_an_answer_must_fit_its_type(answer_type: str, right: Json, wrong: Json) -> None:
    assert find_problem(answer_type, FORM, right) is None
    assert find_problem(answer_type, FORM, wrong)


def test_a_wrong_answer_is_refused_and_files_are_not_kept(sandbox: Flask, api: FlaskClient) -> None:
    with sandbox.test_request_context(), transaction() as session:
        ask_question(session, session.scalars(select(SandboxMandate)).one(), "Contract?", "", "fileupload")
    client, mandate = talk_inside(sandbox), find_mandate(api)["id"]
    [question] = client.list_questions(mandate)
    path = f"/v1/mandates/{mandate}/requests-to-client/{question.id}/answer/"
    assert refuse(api, "POST", path, {"answer": {"value": "yes"}}) == ["answer"]
    client.answer_question(mandate, question.id, {"files": [A_FILE]})
    with sandbox.app_context():
        kept = db.session.scalars(select(SandboxQuestion)).one().answer
    assert kept is not None
    assert [file.keys() for file in kept["files"]] == [{"name", "sha256"}]


# --- The balance ---


def test_the_partners_fee_is_09_of_the_lawyers_with_expenses() -> None:
    assert charge_fee(1_000_00, DUE) == 8_370 + 1_674


def test_interest_runs_on_the_principal_up_to_each_payment() -> None:
    opened = SandboxBalance(principal=1_000_00, interest=0, costs=100_00)
    payment = SandboxPayment(cents=600_00, value_date=after(101))
    settled = settle(opened, after(0), [payment], after(201), points=5)
    first = add_interest(opened, after(0), after(100), 5).interest
    rest = SandboxBalance(1_000_00 - (600_00 - 100_00 - first), 0, 0)
    assert settled.costs == 0
    assert settled.principal == rest.principal
    assert settled.interest == add_interest(rest, after(100), after(201), 5).interest
    assert first > settled.interest > 0


def test_what_is_paid_too_much_leaves_a_negative_principal() -> None:
    assert SandboxBalance(principal=10_00, interest=1_00, costs=2_00).pay(15_00).total == -2_00
