"""Webhooks of the collection partner: is it really the partner, and what does it want us to look at?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from dunning.outside.signed import BodyProblem, check_signature, read_body

SIGNATURE, DELIVERY_ID = "X-Paywise-Signature", "X-Paywise-Delivery-ID"
MOST_BYTES = 256 * 1024
SCHEME = "sha256="

# no blanks, no control characters: it stands in logs
Word = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]


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
    """The delivery of a signed body. Raises NotSigned, and BodyProblem when it is none.

    `secrets`: the key in force and, while it is being changed, the one before.
    """
    check_signature(body, signature, secrets, lambda digest: SCHEME + digest.hex())
    try:
        _words.validate_python(delivery_id)
    except ValidationError as error:
        raise BodyProblem(f"{DELIVERY_ID}: a value is required") from error
    read = read_body(Body, body)
    return Delivery(delivery_id, read.event, read.model_dump(mode="json"))
