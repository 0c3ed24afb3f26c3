"""Bounces: the mail provider tells what came back. Is it really the provider, and what does it say?"""

import hashlib
import hmac
from typing import Annotated

from pydantic import AfterValidator, BaseModel, StrictBool, StringConstraints, ValidationError

from dunning.outside.mail.text import one_line

MOST_BYTES = 64 * 1024
# what a signature is compared with when no secret is set
NOBODY = "\0"

Line = Annotated[str, StringConstraints(max_length=2000), AfterValidator(one_line)]


class NotSigned(Exception):
    """The signature is missing or was not made with our secret."""


class BounceProblem(ValueError):
    """The body is no bounce; one line says why."""


class Bounce(BaseModel):
    """A mail that came back: told by its Message-ID, or by the address it went to. `permanent`: for good."""

    message_id: Line = ""
    recipient: Line = ""
    permanent: StrictBool
    reason: Line = ""

    @property
    def mail_reference(self) -> str:
        """The part of the Message-ID that is ours."""
        return self.message_id.strip("<> ").partition("@")[0]


def read_bounce(body: bytes, signature: str, secret: str | None) -> Bounce:
    """The bounce of a signed body. Raises NotSigned before anything of it is read, BounceProblem when it is none."""
    digest = hmac.new((secret or NOBODY).encode(), body, hashlib.sha256).hexdigest()
    same = hmac.compare_digest(digest.encode(), signature.strip().lower().encode())
    if not (same and secret):
        raise NotSigned
    try:
        bounce = Bounce.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        raise BounceProblem(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from error
    if not (bounce.message_id or bounce.recipient):
        raise BounceProblem("message_id: this or recipient is needed")
    return bounce
