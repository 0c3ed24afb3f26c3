"""Bounces: the mail provider tells what came back. Is it really the provider, and what does it say?"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, StrictBool, StringConstraints

from dunning.outside.mail.text import one_line
from dunning.outside.signed import BodyProblem, check_signature, read_body

SIGNATURE = "X-Signature"
MOST_BYTES = 64 * 1024

Line = Annotated[str, StringConstraints(max_length=2000), AfterValidator(one_line)]


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
    """The bounce of a body signed in hex. Raises NotSigned, and BodyProblem when it is none."""
    check_signature(body, signature.lower(), [secret], bytes.hex)
    bounce = read_body(Bounce, body)
    if not (bounce.message_id or bounce.recipient):
        raise BodyProblem("message_id: this or recipient is needed")
    return bounce
