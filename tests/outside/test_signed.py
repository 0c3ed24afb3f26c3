"""Whose signature it is: the raw body's, made with a secret that is set."""

import hashlib
import hmac

import pytest

from dunning.outside.platform.ipn import write_base64
from dunning.outside.signed import NotSigned, check_signature
from tests.events import SECRET, an_ipn, sign, write_ipn


def is_signed(body: bytes, signature: str, *secrets: str | None) -> bool:
    try:
        check_signature(body, signature, secrets, write_base64)
    except NotSigned:
        return False
    return True


def test_the_signature_is_base64_of_the_hmac_of_the_raw_body() -> None:
    assert is_signed(b'{"a": 1}', "nvoUoYQQpXpDL78M441LwzM5A2pk5XuMhtoLseEi2XI=", "secret")


def test_another_sender_writes_the_same_hmac_in_its_own_way() -> None:
    written = "v1:" + hmac.new(b"secret", b"{}", hashlib.sha256).hexdigest()
    check_signature(b"{}", f" {written} ", ["secret"], lambda digest: f"v1:{digest.hex()}")


def test_another_body_secret_or_signature_does_not_match() -> None:
    body = write_ipn(an_ipn())
    right = sign(body)
    assert is_signed(body, right, SECRET)
    assert not is_signed(body + b" ", right, SECRET)
    assert not is_signed(body, right, "other")
    for wrong in ("", "x", right[:-1], right.swapcase(), "ä" * 44):
        assert not is_signed(body, wrong, SECRET)


def test_one_of_two_secrets_is_enough_whichever_it_is() -> None:
    for secrets in (("secret", "before"), ("before", "secret"), (None, "secret"), ("secret", None)):
        assert is_signed(b"{}", sign(b"{}", "secret"), *secrets)


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_nothing_matches_not_even_what_it_is_compared_with(secret: str | None) -> None:
    assert not is_signed(b"{}", sign(b"{}", "\0"), secret)
    assert not is_signed(b"{}", sign(b"{}", ""), secret)
