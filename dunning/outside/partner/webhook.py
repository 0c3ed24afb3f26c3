"""Webhooks of the collection partner: is it really the partner, and what does it want us to look at?"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

SIGNATURE, DELIVERY_ID = "X-Paywise-Signature", "X-Paywise-Delivery-ID"
MOST_BYTES = 256 * 1024
SCHEME = "sha256="
# what a signature is compared with when no secret is set
NOBODY = "\0"

# no blanks, no control characters: it stands in logs
Word = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]


class NotSigned(Exception):
    """The signature is missing or was made with neither of our keys."""


class DeliveryProblem(ValueError):
    """It is signed and no delivery all the same; one line says why."""


class Body(BaseModel):
    """The documented body; `data` names what the event is about."""

    model_config = ConfigDict(extra="allow")

    event: Word
    data: dict[str, Any] = {}


@dataclass(frozen=True)
class Delivery:
    """One delivery as it came; `delivery_id` is unique per attempt."""

    delivery_id: str
    event: str
    body: dict[str, Any]


_words = TypeAdapter[str](Word)


def read_delivery(body: bytes, signature: str, delivery_id: str, secrets: Sequence[str | None]) -> Delivery:
    """The delivery of a signed body. Raises NotSigned before anything of it is read, DeliveryProblem when it is none.

    `secrets`: the key in force and, while it is being changed, the one before.
    """
    check_signature(body, signature, secrets)
    try:
        _words.validate_python(delivery_id)
    except ValidationError as error:
        raise DeliveryProblem(f"{DELIVERY_ID}: a value is required") from error
    try:
        read = Body.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        raise DeliveryProblem(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from error
    return Delivery(delivery_id, read.event, read.model_dump(mode="json"))


def check_signature(body: bytes, signature: str, secrets: Sequence[str | None]) -> None:
    """Compares with every key in constant time, whichever fits. Raises NotSigned."""
    given = signature.strip().encode(errors="replace")
    fits = [
        hmac.compare_digest(given, sign_body(body, secret or NOBODY).encode()) and bool(secret)
        for secret in secrets
    ]
    if not any(fits):
        raise NotSigned


def sign_body(body: bytes, secret: str) -> str:
    """The value of the signature header."""
    return SCHEME + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
