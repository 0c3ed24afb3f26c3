"""Which e-mail addresses are good enough to write to. Looks at the text only, never at the network."""

from functools import lru_cache

from email_validator import EmailNotValidError, validate_email


class BadAddress(ValueError):
    """The text is no e-mail address a mail can be sent to."""


def wire_address(text: str) -> str:
    """The address as SMTP carries it: `info@müller.de` -> `info@xn--mller-kva.de`.

    Stays non-ASCII only when the part before the @ is (RFC 6531). Raises BadAddress.
    """
    try:
        checked = validate_email(text.strip(), check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from error
    return checked.ascii_email or checked.normalized


@lru_cache(maxsize=4096)  # two fifths of an eligibility check went into the same address again and again
def email_ok(text: str) -> bool:
    """True when a mail can be addressed to the text; blanks around it are forgiven."""
    try:
        wire_address(text)
    except BadAddress:
        return False
    return True
