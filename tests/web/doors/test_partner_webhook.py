"""Webhooks of the partner: stored before they are answered, each once, and a clear answer to everything else."""

import hashlib
import hmac
import json

import pytest
from flask import Flask

from dunning.records import db
from dunning.records.partner import PartnerDelivery
from dunning.rules.partner.news import Subject, find_subject
from dunning.sandbox.courier import EVENTS, send_news
from dunning.sandbox.news import describe
from dunning.settings import SettingsError
from tests.builders import NOW
from tests.outside.partner.partner_server import serve

KEY, OLD_KEY = "the-partners-key", "the-key-before"
numbers = iter(range(1, 10_000))


@pytest.fixture
def shop(make_app) -> Flask:
    """An app that knows both of the partner's keys."""
    return make_app(PARTNER_WEBHOOK_SECRET=KEY, PARTNER_WEBHOOK_SECRET_OLD=OLD_KEY)


def write_body(event: str = "claim.updated", **data: object) -> bytes:
    """A body as documented."""
    whole = {"company_id": "1", "access_mode": "test", **data}
    return json.dumps({"event": event, "timestamp": NOW.isoformat(), "data": whole}).encode()


def send(app: Flask, body: bytes, key: str = KEY, **headers: str) -> tuple[int, str]:
    """POSTs a body; status and text of the answer."""
    signature = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    plain = {
        "X-Paywise-Signature": signature,
        "X-Paywise-Event": "claim.updated",
        "X-Paywise-Delivery-ID": f"D{next(numbers)}",
        "Content-Type": "application/json",
    }
    got = app.test_client().post("/partner/webhook", data=body, headers=plain | headers)
    return got.status_code, got.text


def list_deliveries() -> list[PartnerDelivery]:
    db.session.rollback()
    return db.session.query(PartnerDelivery).order_by(PartnerDelivery.id).all()


def test_a_delivery_is_stored_as_it_came_before_the_answer(shop) -> None:
    assert send(shop, write_body(id="C1"), **{"X-Paywise-Delivery-ID": "D-first"}) == (200, "OK")
    (row,) = list_deliveries()
    assert (row.delivery_id, row.event, row.state, row.reason) == ("D-first", "claim.updated", "new", "")
    assert row.body["data"] == {"company_id": "1", "access_mode": "test", "id": "C1"}


def test_the_same_delivery_again_is_ok_and_stored_once(shop) -> None:
    for _ in range(3):
        assert send(shop, write_body(id="C1"), **{"X-Paywise-Delivery-ID": "D-again"})[0] == 200
    assert len(list_deliveries()) == 1


def test_the_key_before_fits_while_it_is_being_changed(shop) -> None:
    assert send(shop, write_body(), OLD_KEY)[0] == 200
    assert send(shop, write_body(), KEY)[0] == 200


def test_whoever_cannot_sign_hears_the_same_whatever_is_missing(shop) -> None:
    body = write_body()
    plain = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
    answers = {
        send(shop, body, "another-key"),
        send(shop, body, ""),
        send(shop, body, **{"X-Paywise-Signature": ""}),
        send(shop, body, **{"X-Paywise-Signature": plain}),
        send(shop, body, **{"X-Paywise-Signature": "sha256=ü"}),
        send(shop, b"no JSON", "another-key"),
    }
    assert answers == {(401, "the signature is not right")}
    assert list_deliveries() == []


def test_without_a_key_nobody_can_sign(make_app) -> None:
    app = make_app()
    assert send(app, write_body(), "")[0] == 401
    assert send(app, write_body(), "\0")[0] == 401


def test_an_event_nobody_knows_is_stored_too(shop) -> None:
    assert send(shop, write_body("weather.changed"))[0] == 200
    assert [row.event for row in list_deliveries()] == ["weather.changed"]


def test_a_signed_body_that_says_nothing_is_refused_with_the_reason(shop) -> None:
    deep = b"[" * 9_000 + b"]" * 9_000
    said = {
        b"{": "body: Invalid JSON",
        b"[]": "body: Input should be an object",
        b"\xff\xfe": "body: Invalid JSON",
        b'{"data": {}}': "event: Field required",
        b'{"event": "claim.updated", "data": []}': "data: Input should be an object",
        b'{"event": "a\\u0000b"}': "event: String should match",
        b'{"event": "' + b"x" * 300 + b'"}': "event: String should match",
        b'{"event": "a", "data": ' + deep + b"}": "body: Invalid JSON",
    }
    answers = {body: send(shop, body) for body in said}
    assert {status for status, _ in answers.values()} == {400}
    assert {body: text[: len(said[body])] for body, (_, text) in answers.items()} == said
    assert list_deliveries() == []


def test_a_delivery_without_its_id_is_refused(shop) -> None:
    assert send(shop, write_body(), **{"X-Paywise-Delivery-ID": ""}) == (
        400,
        "X-Paywise-Delivery-ID: a value is required",
    )


def test_twenty_megabytes_are_too_much(shop) -> None:
    assert send(shop, write_body(text="x" * 20_000_000))[0] == 413
    assert list_deliveries() == []


def test_nul_characters_in_the_data_are_stored_or_refused_never_an_error(shop) -> None:
    assert send(shop, write_body(text="a\0b"))[0] in (200, 400)


def test_only_posting_works(shop) -> None:
    assert shop.test_client().get("/partner/webhook").status_code == 405


def test_production_needs_the_key_of_a_partner_it_calls(make_settings) -> None:
    with pytest.raises(SettingsError, match="PARTNER_WEBHOOK_SECRET"):
        make_settings(DUNNING_ENV="production", PARTNER_URL="https://api.paywise.de")


# --- The sandbox's own deliveries, over HTTP ---


def test_what_the_sandbox_sends_is_understood(shop) -> None:
    body = {"event": "claim.updated", "timestamp": NOW.isoformat(), "data": describe({"claim_id": "C1"})}
    with serve(shop) as url:
        address = f"{url.removesuffix('/v1/')}/partner/webhook"
        assert send_news(address, KEY, "claim.updated", body)
        assert not send_news(address, "another-key", "claim.updated", body)
    (row,) = list_deliveries()
    assert find_subject(row.event, row.body["data"]) == Subject(claim_id="C1")


def test_every_event_of_the_sandbox_is_one_we_know() -> None:
    assert [event for event in EVENTS if find_subject(event, {}) is None] == []
