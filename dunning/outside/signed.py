"""Bodies that their sender signs: HMAC-SHA256 over the raw bytes, checked before anything of them is read."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
# what a signature is compared with when there is no secret: it takes as long as with one
NOBODY = "\0"


class NotSigned(Exception):
    """The signature is missing or was made with no secret of ours."""


class BodyProblem(ValueError):
    """It is signed and not what was expected all the same; one line says which field breaks which rule."""


def check_signature(
    body: bytes, signature: str, secrets: Iterable[str | None], write: Callable[[bytes], str]
) -> None:
    """Compares with every secret in constant time, whichever fits. Raises NotSigned.

    `write`: the digest as this sender writes it, in hex or base64. A secret that is not set fits nothing.
    """
    given = signature.strip().encode(errors="replace")
    fits = [
        hmac.compare_digest(given, write(digest_body(body, secret or NOBODY)).encode()) and bool(secret)
        for secret in secrets
    ]
    if not any(fits):
        raise NotSigned


def digest_body(body: bytes, secret: str) -> bytes:
    """The 32 bytes of the HMAC."""
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def read_body(model: type[Model], body: bytes) -> Model:
    """A JSON body as a model. Raises BodyProblem about the first field that is not right."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        raise BodyProblem(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from error
