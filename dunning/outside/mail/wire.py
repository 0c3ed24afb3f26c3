"""A message as bytes for the wire, with the few headers that sending needs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTPUTF8

LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class WireMessage:
    """`content` has CRLF line ends only; `sender` is the address of its From header."""

    content: bytes
    message_id: str
    sender: str

    @property
    def seven_bit(self) -> bool:
        return self.content.isascii()


def read_message(message: EmailMessage | bytes) -> WireMessage:
    """The message ready to send; ValueError when it has no Message-ID or no single From address."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    # bare line ends would let a server see other lines than we do
    content = LINE_END.sub(b"\r\n", raw)
    head, _, _ = content.partition(b"\r\n\r\n")
    headers = BytesParser(policy=SMTPUTF8).parsebytes(head, headersonly=True)
    senders: Sequence[Address] = headers["From"].addresses if "From" in headers else ()
    if len(senders) != 1 or "Message-ID" not in headers:
        raise ValueError("a mail needs one From address and a Message-ID")
    return WireMessage(content, str(headers["Message-ID"]).strip(), senders[0].addr_spec)
