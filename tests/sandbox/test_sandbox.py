"""The sandbox answers as the partner's API is documented, and refuses what that would refuse."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dunning.rules.partner.payload import claim_payload, debtor_payload
from dunning.sandbox.app import SANDBOX_TOKEN
from tests.outside.partner.partner_server import a_handover, make_sandbox, read_states

Json = dict[str, Any]


@pytest.fixture
def sandbox(tmp_path: Path) -> Flask:
    return make_sandbox(tmp_path)


@pytest.fixture
def api(sandbox: Flask) -> FlaskClient:
    client = sandbox.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {SANDBOX_TOKEN}"
    return client


def a_debtor(**changes: object) -> Json:
    return debtor_payload(a_handover()) | changes


def post_claim(api: FlaskClient, **changes: object) -> Any:
    debtor = api.post("/v1/debtors/", json=a_debtor()).get_json()["id"]
    return api.post("/v1/claims/", json=claim_payload(a_handover(), debtor) | changes)


def release(api: FlaskClient, claim: str, **changes: object) -> Any:
    body = {"submission_state": "released", "send_order_confirmation": False} | changes
    return api.patch(f"/v1/claims/{claim}/", json=body)


def upload(api: FlaskClient, claim: str, content: bytes = b"%PDF-1.7", field: str = "file") -> Any:
    return api.post(f"/v1/claims/{claim}/documents/", data={field: (io.BytesIO(content), "letter.pdf")})


@pytest.mark.parametrize("header", ["", "Bearer wrong", f"Token {SANDBOX_TOKEN}"])
def test_every_call_needs_the_token(sandbox: Flask, header: str) -> None:
    answer = sandbox.test_client().get("/v1/claims/", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_debtor_comes_back_with_id_and_address(api: FlaskClient) -> None:
    created = api.post("/v1/debtors/", json=a_debtor())
    assert created.status_code == 201
    body = created.get_json()
    assert body["person"] == {"first_name": "Anna", "last_name": "Muster"}
    assert api.get(body["href"]).get_json() == body


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"acting_as": "alien"}, "acting_as"),
        ({"addresses": []}, "addresses"),
        (
            {"addresses": [{"street": "A 1", "zip": "1", "city": "B", "country": "Germany"}]},
            "addresses.0.country",
        ),
        ({"addresses": [{"street": "A 1", "city": "B", "country": "DE"}]}, "addresses.0.zip"),
        ({"organization": {"name": "Both GmbH"}}, "non_field_errors"),
        ({"person": None}, "non_field_errors"),
        ({"your_reference": "x" * 256}, "your_reference"),
        ({"favourite_colour": "blue"}, "favourite_colour"),
        ({"person": {"first_name": "Anna", "last_name": "Muster", "age": 40}}, "person.age"),
    ],
)
def test_a_debtor_against_the_documentation_is_refused(api: FlaskClient, changes: Json, field: str) -> None:
    answer = api.post("/v1/debtors/", json=a_debtor(**changes))
    assert (answer.status_code, list(answer.get_json())) == (400, [field])


def test_a_new_claim_waits_for_its_release(api: FlaskClient) -> None:
    answer = post_claim(api)
    assert answer.status_code == 201
    assert (answer.get_json()["submission_state"], answer.get_json()["mandate"]) == ("created", None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"debtor": "nobody"}, "debtor"),
        ({"your_reference": ""}, "your_reference"),
        ({"occurence_date": "02.01.2026"}, "occurence_date"),
        ({"occurrence_date": "2026-01-02"}, "occurrence_date"),
        ({"due_date": None}, "due_date"),
        ({"main_claim_amount": {"value": 1200, "currency": "EUR"}}, "main_claim_amount.value"),
        ({"main_claim_amount": {"value": "1200.00", "currency": "USD"}}, "main_claim_amount.currency"),
        ({"total_claim_amount": {"value": "1.00", "currency": "EUR"}}, "non_field_errors"),
        ({"additional_charges_amount": {"value": "1.00", "currency": "EUR"}}, "non_field_errors"),
        ({"claim_disputed": "no"}, "claim_disputed"),
    ],
)
def test_a_claim_against_the_documentation_is_refused(api: FlaskClient, changes: Json, field: str) -> None:
    answer = post_claim(api, **changes)
    assert (answer.status_code, list(answer.get_json())) == (400, [field])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"acting_as": NaN}'])
def test_what_is_no_json_object_is_refused(api: FlaskClient, body: bytes) -> None:
    assert api.post("/v1/debtors/", data=body, content_type="application/json").status_code == 400


def test_a_released_claim_is_accepted_into_a_mandate(api: FlaskClient) -> None:
    claim = release(api, post_claim(api).get_json()["id"]).get_json()
    mandate = api.get(claim["mandate"]["href"]).get_json()
    assert claim["submission_state"] == "accepted"
    assert mandate["debtor"] == {"name": "Anna Muster"}
    assert [c["id"] for c in mandate["claims"]] == [claim["id"]]
    assert mandate["legal_claim_balance"]["total_balance"] == {"value": "1106.56", "currency": "EUR"}
    assert mandate["legal_claim_balance"]["balance_of_principal_claim"]["value"] == "1000.00"


def test_after_the_release_nothing_can_be_changed(api: FlaskClient) -> None:
    claim = post_claim(api).get_json()["id"]
    assert upload(api, claim).status_code == 201
    assert release(api, claim).status_code == 200
    assert (release(api, claim).status_code, upload(api, claim).status_code) == (409, 409)


def test_of_many_releases_at_once_one_counts(api: FlaskClient, sandbox: Flask) -> None:
    claim = post_claim(api).get_json()["id"]
    start = Barrier(6)

    def release_together(_: int) -> int:
        client = sandbox.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {SANDBOX_TOKEN}"
        start.wait()
        return int(release(client, claim).status_code)

    with ThreadPoolExecutor(6) as pool:
        codes = sorted(pool.map(release_together, range(6)))
    assert codes == [200, 409, 409, 409, 409, 409]
    assert api.get("/v1/mandates/").get_json()["count"] == 1


@pytest.mark.parametrize("changes", [{"submission_state": "accepted"}, {"due_date": "2026-01-01"}])
def test_a_client_can_only_release(api: FlaskClient, sandbox: Flask, changes: Json) -> None:
    claim = post_claim(api).get_json()["id"]
    assert release(api, claim, **changes).status_code == 400
    assert read_states(sandbox) == ["created"]


@pytest.mark.parametrize(("content", "field"), [(b"", "file"), (b"<html>", "file"), (b"%PDF-1.7", "letter")])
def test_only_documents_are_taken(api: FlaskClient, content: bytes, field: str) -> None:
    assert upload(api, post_claim(api).get_json()["id"], content, field).status_code == 400


@pytest.mark.parametrize("path", ["claims/x/", "debtors/x/", "mandates/x/"])
def test_what_is_not_there_is_not_found(api: FlaskClient, path: str) -> None:
    answer = api.get(f"/v1/{path}")
    assert (answer.status_code, list(answer.get_json())) == (404, ["detail"])


def test_lists_come_in_pages(api: FlaskClient) -> None:
    ids = [post_claim(api, your_reference=f"r{n}").get_json()["id"] for n in range(5)]
    first = api.get("/v1/claims/?limit=2").get_json()
    second = api.get(first["next"]).get_json()
    last = api.get(second["next"]).get_json()
    assert [c["id"] for page in (first, second, last) for c in page["results"]] == ids
    assert [page["count"] for page in (first, second, last)] == [5, 5, 5]
    assert (first["previous"], last["next"]) == (None, None)
    assert api.get(last["previous"]).get_json()["results"] == second["results"]


def test_claims_are_filtered_by_reference(api: FlaskClient) -> None:
    for number in range(3):
        post_claim(api, your_reference=f"r{number}")
    found = api.get("/v1/claims/?your_reference=r1").get_json()["results"]
    assert [claim["your_reference"] for claim in found] == ["r1"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "offset=-1", "colour=blue"])
def test_a_page_that_cannot_be_understood_is_refused(api: FlaskClient, query: str) -> None:
    assert api.get(f"/v1/claims/?{query}").status_code == 400


def test_mandates_are_listed(api: FlaskClient) -> None:
    claim = release(api, post_claim(api).get_json()["id"]).get_json()
    listed = api.get("/v1/mandates/").get_json()
    assert [mandate["id"] for mandate in listed["results"]] == [claim["mandate"]["id"]]
