"""What the mail provider says came back: whom it is believed, and what follows from it."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from dunning.actions.people.password_reset import ask_reset
from dunning.outside.mail.channel import message_id
from dunning.records import db
from dunning.records.cases import Letter
from dunning.rules.course.eligibility import check
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_user,
    after,
    empty_queue,
    find_effect,
    play_until,
    read_case,
    read_dossier,
    read_history,
    read_order,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")
SECRET = "the provider's and ours"
GONE = "550 5.1.1 no such user"


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Flask:
    """A site that shares a secret with its mail provider."""
    return make_app(BOUNCE_SECRET=SECRET)


def send(app: Flask, body: bytes, signature: str | None = None) -> TestResponse:
    sign = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() if signature is None else signature
    return app.test_client().post("/mail/bounce", data=body, headers={"X-Signature": sign})


def bounce(app: Flask, **fields: Any) -> int:
    """The status of a well signed bounce, permanent unless said otherwise."""
    return send(app, json.dumps({"permanent": True, "reason": GONE} | fields).encode()).status_code


def letter_id_of(app: Flask) -> str:
    return message_id(find_effect("first_letter").reference, app.config["SETTINGS"].mail_from)


def email_is_red(receivable_id: int) -> bool:
    found = check(read_dossier(receivable_id).read_facts(), a_desk().policy, after(11))
    return bool(found.red(("email",)))


def test_a_letter_that_came_back_for_good_goes_by_post_and_so_do_later_ones(site: Flask) -> None:
    case_id = a_case("running")
    receivable_id = read_case(case_id).receivable_id
    assert [bounce(site, message_id=letter_id_of(site)) for _ in range(2)] == [200, 200]
    assert read_dossier(receivable_id).buyer.email_refused_at is not None
    assert email_is_red(receivable_id)
    assert db.session.scalars(select(Letter)).one().mailed_at is None
    told = [(row.verb, row.reason) for row in read_history(case_id) if row.verb == "mail_bounced"]
    assert told == [("mail_bounced", GONE)]
    play_until(after(20))
    assert find_effect("second_letter").evidence == {"post_only": True}
    assert states_of(receivable_id)["first_letter"] == "done"


def test_a_temporary_bounce_is_noted_and_changes_nothing_else(site: Flask) -> None:
    case_id = a_case("running")
    for _ in range(2):
        assert bounce(site, message_id=letter_id_of(site), permanent=False) == 200
    assert not email_is_red(read_case(case_id).receivable_id)
    assert db.session.scalars(select(Letter)).one().mailed_at is not None
    assert [row.verb for row in read_history(case_id)].count("mail_bounced") == 1
    assert bounce(site, message_id=letter_id_of(site)) == 200
    assert email_is_red(read_case(case_id).receivable_id)


def test_the_outbox_says_which_mails_came_back_and_why_also_one_to_a_vendor(site: Flask) -> None:
    a_case("running")
    a_user(email="kurs@vendors.example")
    ask_reset("kurs@vendors.example", "de", a_desk(after(11)))
    empty_queue()
    reset = message_id(find_effect("password_reset").reference, site.config["SETTINGS"].mail_from)
    assert bounce(site, message_id=letter_id_of(site), reason="550 no such buyer") == 200
    assert bounce(site, message_id=reset, reason="550 no such vendor") == 200
    staff = site.test_client()
    staff.login_as(a_user("support"))
    page = staff.get("/admin/mail?state=sent").text
    assert page.count("Kam zurück: 550 no such") == 2


def test_told_by_its_address_every_order_of_the_buyer_is_red(site: Flask) -> None:
    hers = [a_receivable(), a_receivable()]
    other = a_receivable(email="bert@example.org")
    assert bounce(site, recipient=" Anna@Example.org") == 200
    assert [email_is_red(receivable_id) for receivable_id in (*hers, other)] == [True, True, False]


def test_an_address_corrected_since_stays_good(site: Flask) -> None:
    case_id = a_case("running")
    receivable_id = read_case(case_id).receivable_id
    assert bounce(site, message_id=letter_id_of(site), recipient="old@example.org") == 200
    assert not email_is_red(receivable_id)


def test_a_temporary_bounce_of_an_address_changes_nothing(site: Flask) -> None:
    receivable_id = a_receivable()
    assert bounce(site, recipient="anna@example.org", permanent=False) == 200
    assert not email_is_red(receivable_id)


def test_a_mail_nobody_knows_is_taken_note_of(site: Flask) -> None:
    assert bounce(site, message_id="<somebody@else.example>") == 200
    assert bounce(site, recipient="nobody@example.org") == 200


@pytest.mark.parametrize("signature", ["", "0" * 64, "nonsense", "ü"])
def test_who_has_not_signed_is_not_read(site: Flask, signature: str) -> None:
    receivable_id = a_receivable()
    body = json.dumps({"recipient": "anna@example.org", "permanent": True}).encode()
    assert send(site, body, signature).status_code == 401
    assert send(site, b"not even JSON", signature).status_code == 401
    assert read_order(receivable_id).buyer.email_refused_at is None


def test_without_a_secret_nobody_can_sign(app: Flask) -> None:
    empty = hmac.new(b"\0", b"{}", hashlib.sha256).hexdigest()
    assert send(app, b"{}", empty).status_code == 401


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "body: "),
        (b"[]", "body: "),
        (b"{", "body: "),
        (b'{"recipient": "a@example.org"}', "permanent: "),
        (b'{"recipient": "a@example.org", "permanent": "yes"}', "permanent: "),
        (b'{"permanent": true}', "message_id: "),
        (b'{"permanent": true, "recipient": 7}', "recipient: "),
        (b'{"permanent": true, "recipient": "\xff"}', "body: "),
    ],
)
def test_what_is_no_bounce_is_refused_with_the_field(site: Flask, body: bytes, said: str) -> None:
    answer = send(site, body)
    assert (answer.status_code, answer.text[: len(said)]) == (400, said)


def test_a_nul_byte_or_a_huge_body_breaks_nothing(site: Flask) -> None:
    assert bounce(site, recipient="a\0b@example.org", reason="\0\r\n<b>") == 200
    assert send(site, b" " * 70_000).status_code == 413
