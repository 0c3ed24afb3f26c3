"""Events over HTTP: OK once they are stored, each once, and a clear answer to everything else."""

import hashlib

import pytest
from flask import Flask

from dunning.actions.orders.take_events import apply_inbox
from dunning.cli.desk import open_desk
from tests.builders import a_desk, after
from tests.events import (
    SECRET,
    a_signing_vendor,
    an_ipn,
    read_inbox,
    send_ipn,
    sign,
    write_ipn,
)


def answer(app: Flask, vendor_id: int, body: bytes, signature: str | None = None) -> tuple[int, str]:
    got = send_ipn(app, vendor_id, body, signature)
    return got.status_code, got.text


def test_an_event_is_stored_as_it_came_before_the_answer(each_app: Flask) -> None:
    vendor_id, body = a_signing_vendor(), write_ipn(an_ipn())
    got = send_ipn(each_app, vendor_id, body)
    assert (got.status_code, got.text, got.mimetype) == (200, "OK", "text/plain")
    assert "Set-Cookie" not in got.headers
    (row,) = read_inbox()
    key = hashlib.sha256(body).hexdigest()
    assert (row.vendor_id, row.event_key, row.event_type) == (vendor_id, key, "payment.pending")
    assert (row.order_id, row.state, row.reason) == ("M6B5zL7i", "new", "")
    assert row.body["sent"].encode() == body
    assert row.body["event"]["amount_cents"] == 100_50


def test_the_same_event_again_is_ok_and_stored_once_and_another_version_of_it_beside_it(
    each_app: Flask,
) -> None:
    vendor_id = a_signing_vendor()
    for body in (an_ipn(), an_ipn(), an_ipn(buyer_city="Köln"), an_ipn()):
        assert answer(each_app, vendor_id, write_ipn(body)) == (200, "OK")
    assert len(read_inbox()) == 2


def test_another_type_or_vendor_or_body_is_another_event(each_app: Flask) -> None:
    vendor_id = a_signing_vendor()
    for body in (an_ipn(), an_ipn("made"), an_ipn(transaction_id=...), an_ipn(transaction_id=..., tags=[])):
        assert answer(each_app, vendor_id, write_ipn(body)) == (200, "OK")
    assert answer(each_app, a_signing_vendor(), write_ipn(an_ipn())) == (200, "OK")
    assert len(read_inbox()) == 5


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "", "nonsense"],
)
def test_a_signed_body_is_an_event_whatever_its_type_is_said_to_be(app: Flask, kind: str) -> None:
    vendor_id, body = a_signing_vendor(), write_ipn(an_ipn())
    headers = {"X-Copecart-Signature": sign(body)}
    got = app.test_client().post(f"/ipn/{vendor_id}", data=body, headers=headers, content_type=kind)
    assert (got.status_code, len(read_inbox())) == (200, 1)


def test_signs_that_no_database_keeps_are_no_reason_to_lose_an_event(each_app: Flask) -> None:
    vendor_id = a_signing_vendor()
    odd = {
        "rate_number": "\0\ud800x",
        "due_date": "\ud800\0",
        "product_id": "P\0\ud8001",
        "payment_status": "\0",
    }
    lines = {"P\0\ud8001": 100, "\0": 0.5}
    for body in (an_ipn(**odd), an_ipn("refunded", transaction_amount_per_product=lines, **odd)):
        assert answer(each_app, vendor_id, write_ipn(body)) == (200, "OK")
    assert answer(each_app, vendor_id, write_ipn(an_ipn(order_id="A \ud800\0 1")))[0] == 400
    assert apply_inbox(a_desk(after(9))) == 0
    assert [row.state for row in read_inbox()] == ["waiting", "waiting"]


def test_whoever_cannot_sign_hears_the_same_whatever_is_missing(each_app: Flask) -> None:
    known, without = a_signing_vendor(), a_signing_vendor(secret=None)
    body = write_ipn(an_ipn())
    answers = {
        answer(each_app, known, body, ""),
        answer(each_app, known, body, sign(body, "other")),
        answer(each_app, known, body + b" ", sign(body)),
        answer(each_app, without, body, sign(body)),
        answer(each_app, without, body, sign(body, "")),
        answer(each_app, 5, body),
        answer(each_app, known, b"not JSON", "x"),
    }
    assert answers == {(401, "the signature is not right")}
    assert read_inbox() == []


def test_a_signed_body_that_says_nothing_is_refused_with_the_reason(each_app: Flask) -> None:
    vendor_id = a_signing_vendor()
    said = {
        b"{": (400, "not JSON: JSONDecodeError"),
        write_ipn(an_ipn(order_id=...)): (400, "order_id: a value is required"),
        write_ipn(an_ipn(transaction_amount="x")): (
            400,
            "transaction_amount: 'x' is not an amount (1234.56 or 1.234,56)",
        ),
    }
    assert {body: answer(each_app, vendor_id, body) for body in said} == said
    assert read_inbox() == []


def test_a_megabyte_is_enough(app: Flask) -> None:
    vendor_id = a_signing_vendor()
    large = write_ipn(an_ipn(metadata={"text": "x" * 1_000_000}))
    assert answer(app, vendor_id, large) == (200, "OK")
    assert answer(app, vendor_id, write_ipn(an_ipn(metadata="x" * 2_000_000))) == (
        413,
        "at most 1048576 bytes",
    )
    assert len(read_inbox()) == 1


def test_only_posting_works(app: Flask) -> None:
    got = app.test_client().get(f"/ipn/{a_signing_vendor()}")
    assert (got.status_code, set(got.headers["Allow"].split(", "))) == (405, {"OPTIONS", "POST"})


def test_a_database_that_is_away_is_an_error_so_that_it_is_sent_again(app: Flask, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr("dunning.web.doors.ipn.store_event", fail)
    assert send_ipn(app, a_signing_vendor(), write_ipn(an_ipn())).status_code == 500


def test_the_operator_sets_a_vendors_secret_and_its_events_are_let_in(each_app: Flask) -> None:
    words = ["vendor", "add", "--id", "79424", "--name", "Kurs GmbH", "--email", "shop@example.com"]
    added = each_app.test_cli_runner().invoke(args=[*words, "--ipn-secret", SECRET])
    assert added.exit_code == 0
    assert answer(each_app, 79424, write_ipn(an_ipn())) == (200, "OK")


def test_the_day_received_is_a_local_day(app: Flask) -> None:
    body = an_ipn("refunded", transaction_date=..., transaction_processed_at=...)
    send_ipn(app, a_signing_vendor(), write_ipn(body))
    assert read_inbox()[0].body["event"]["value_date"] == open_desk().today.isoformat()
