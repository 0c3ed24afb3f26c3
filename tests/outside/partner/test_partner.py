"""The client: what it sends, what it makes of answers, and whether an error leaves a doubt."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from sqlalchemy import func, select

from dunning.jobs.ways.channels import make_partner
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable, read_messages
from dunning.outside.partner.client import PartnerClient
from dunning.outside.partner.talk import advance_handover
from dunning.records.database import db, transaction
from dunning.sandbox.tables import SandboxClaim
from dunning.settings import Settings
from tests.outside.partner.partner_server import (
    LETTERS,
    FaultyServer,
    a_handover,
    make_sandbox,
    read_states,
    serve,
    talk_to,
)


@pytest.fixture
def sandbox(tmp_path: Path) -> Flask:
    return make_sandbox(tmp_path)


def answering(status: int, body: object, **headers: str) -> Callable[..., Iterable[bytes]]:
    """A partner that always says the same."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(text, status, headers, content_type="application/json")


def test_every_request_carries_the_token_and_follows_the_order_of_work(sandbox: Flask) -> None:
    server = FaultyServer(sandbox)
    with talk_to(server) as client:
        claim = advance_handover(client, a_handover(), LETTERS, {}, lambda _: None).claim_id
    assert server.calls == [
        "GET /v1/claims/",
        "POST /v1/debtors/",
        "POST /v1/claims/",
        f"POST /v1/claims/{claim}/documents/",
        f"POST /v1/claims/{claim}/documents/",
        f"PATCH /v1/claims/{claim}/",
    ]


def test_a_wrong_token_is_our_fault_and_no_refusal_of_the_claim(sandbox: Flask) -> None:
    with serve(sandbox) as url, pytest.raises(PartnerUnavailable, match="401") as unavailable:
        PartnerClient(url, "wrong").create_debtor(a_handover())
    assert unavailable.value.safe


def test_claims_are_found_on_every_page_also_when_the_filter_is_ignored() -> None:
    stored = [{"id": n, "submission_state": "created", "your_reference": f"r{n % 3}"} for n in range(250)]
    partner = Flask("partner")

    @partner.get("/v1/claims/")
    def list_claims() -> dict[str, Any]:
        first, size = int(request.args["offset"]), int(request.args["limit"])
        return {"count": 250, "next": None, "previous": None, "results": stored[first : first + size]}

    with talk_to(partner) as client:
        found = client.find_claims("r1")
    assert [claim.id for claim in found] == [str(n) for n in range(250) if n % 3 == 1]


def test_values_nobody_knows_are_kept() -> None:
    body = {"id": 7, "submission_state": "astonished", "mandate": {"id": "m1", "href": "x"}, "mood": "good"}
    with talk_to(answering(200, body)) as client:
        claim = client.get_claim("7")
    assert (claim.id, claim.submission_state, claim.mandate) == ("7", "astonished", "m1")
    assert claim.model_dump()["mood"] == "good"


@pytest.mark.parametrize(
    ("status", "body", "safe"),
    [
        (503, {}, False),
        (500, "<html>", False),
        (200, "<html>Welcome</html>", False),
        (201, {"unexpected": True}, False),
        (201, [], False),
        (400, "<html>Bad gateway</html>", False),
        (302, "", False),
        (401, {"detail": "no"}, True),
        (404, {"detail": "no"}, True),
        (429, {"detail": "slow down"}, True),
    ],
)
def test_what_is_no_answer_leaves_a_doubt_unless_the_partner_took_nothing(
    status: int, body: object, safe: bool
) -> None:
    with talk_to(answering(status, body)) as client, pytest.raises(PartnerUnavailable) as unavailable:
        client.create_debtor(a_handover())
    assert unavailable.value.safe is safe


@pytest.mark.parametrize(
    ("status", "away"), [(503, True), (200, True), (302, True), (401, True), (429, True), (404, False)]
)
def test_a_partner_that_is_away_is_told_from_one_that_cannot_find_something(status: int, away: bool) -> None:
    with talk_to(answering(status, "<html>")) as client, pytest.raises(PartnerUnavailable) as unavailable:
        client.get_claim("c-1")
    assert unavailable.value.away is away


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_refusal_keeps_the_partners_words(status: int) -> None:
    body = {"your_reference": ["Too long."], "addresses": [{}, {"zip": ["Required.", "Digits."]}]}
    with talk_to(answering(status, body)) as client, pytest.raises(PartnerRefused) as refused:
        client.create_debtor(a_handover())
    assert refused.value.messages == (
        "your_reference: Too long.",
        "addresses.1.zip: Required.",
        "addresses.1.zip: Digits.",
    )


def test_messages_may_be_plain_text() -> None:
    assert read_messages({"detail": "Not now."}) == ("detail: Not now.",)


def test_nobody_listening_is_a_safe_failure(sandbox: Flask) -> None:
    with serve(sandbox) as url:
        pass
    with pytest.raises(PartnerUnavailable) as unavailable:
        PartnerClient(url, "t").create_debtor(a_handover())
    assert unavailable.value.safe


def test_a_silent_partner_leaves_a_doubt() -> None:
    def keep_silent(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ["werkzeug.socket"].recv(100_000)  # returns when the client has given up
        start("200 OK", [])
        return []

    with serve(keep_silent) as url, pytest.raises(PartnerUnavailable) as unavailable:
        PartnerClient(url, "t", timeout=(1, 0.2)).get_claim("1")
    assert not unavailable.value.safe


def test_an_endless_answer_is_broken_off() -> None:
    def flood(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        return (b"x" * 100_000 for _ in range(100))

    with talk_to(flood) as client, pytest.raises(PartnerUnavailable, match="measure"):
        client.get_claim("1")


def test_redirects_are_not_followed(sandbox: Flask) -> None:
    with (
        serve(sandbox) as url,
        talk_to(answering(308, "", Location=f"{url}debtors/")) as client,
        pytest.raises(PartnerUnavailable, match="308"),
    ):
        client.create_debtor(a_handover())


def test_an_id_cannot_leave_its_place_in_the_address(sandbox: Flask) -> None:
    server = FaultyServer(sandbox)
    with talk_to(server) as client, pytest.raises(PartnerUnavailable, match="404"):
        client.get_claim("../mandates")
    assert server.calls == ["GET /v1/claims/../mandates/"]


def test_a_certificate_nobody_vouches_for_stops_before_anything_is_sent(sandbox: Flask) -> None:
    with serve(sandbox, ssl_context="adhoc") as url, pytest.raises(PartnerUnavailable) as unavailable:
        PartnerClient(url, "t").create_debtor(a_handover())
    assert unavailable.value.safe


@pytest.mark.parametrize("url", ["http://partner.example/v1/", "ftp://partner.example/", "file:///folder"])
def test_only_https_leaves_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="PARTNER_URL"):
        PartnerClient(url, "t")


@pytest.mark.parametrize("url", ["https://partner.example", "https://partner.example/v1/"])
def test_the_version_may_be_left_out_of_the_address(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(_: requests.Session, method: str, address: str, **options: object) -> None:
        asked.append(address)
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests.Session, "request", refuse)
    with pytest.raises(PartnerUnavailable):
        PartnerClient(url, "t").get_claim("1")
    assert asked == ["https://partner.example/v1/claims/1/"]


# --- In this process ---


def settings_for(folder: Path, **variables: str) -> Settings:
    home = {"DUNNING_HOME": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'sandbox.db'}"}
    return Settings.from_environment(home | variables)


def test_without_an_address_the_sandbox_answers_in_this_process(sandbox: Flask, tmp_path: Path) -> None:
    outcome = advance_handover(
        make_partner(settings_for(tmp_path)), a_handover(), LETTERS, {}, lambda _: None
    )
    assert (outcome.state, read_states(sandbox)) == ("accepted", ["accepted"])


def test_the_caller_may_be_reading_while_the_sandbox_writes(sandbox: Flask, tmp_path: Path) -> None:
    client = make_partner(settings_for(tmp_path))
    with sandbox.app_context():
        assert db.session.scalar(select(func.count()).select_from(SandboxClaim)) == 0
        advance_handover(client, a_handover(), LETTERS, {}, lambda _: None)
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(SandboxClaim)) == 1


def test_a_caller_inside_a_transaction_is_stopped(sandbox: Flask, tmp_path: Path) -> None:
    client = make_partner(settings_for(tmp_path))
    with sandbox.app_context(), transaction(), pytest.raises(RuntimeError, match="transaction"):
        client.create_debtor(a_handover())


def test_with_an_address_the_partner_there_is_asked(sandbox: Flask, tmp_path: Path) -> None:
    with serve(sandbox) as url:
        client = make_partner(settings_for(tmp_path, PARTNER_URL=url))
        assert client.find_claims("nothing") == []
