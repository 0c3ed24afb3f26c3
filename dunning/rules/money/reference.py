"""What a bank transfer carries: the RF creditor reference (ISO 11649) and the GiroCode (EPC069-12).

Both are text; drawing the code is the letter's business. IBAN and BIC come without blanks, amounts in cents.
"""

import re
from typing import Literal

from stdnum import bic as bic_number
from stdnum import iban as iban_number
from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

from dunning.rules.cents import LARGEST_AMOUNT

Version = Literal["001", "002"]

LONGEST_NUMBER = 21
LONGEST_NAME = 70
LONGEST_TEXT = 140
LONGEST_INFO = 70
MOST_BYTES = 331

no_reference_sign = re.compile(r"[^0-9A-Z]")
control_sign = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class PaymentCodeError(ValueError):
    """A reference or GiroCode would not be valid; the message names the rule."""


def fold_order_id(order_id: str) -> str:
    """`M6B5-zL7i` -> `M6B5ZL7I`: as it can be found in a remittance text, where case, blanks and dashes get lost."""
    return no_reference_sign.sub("", order_id.upper())


def creditor_reference(number: str) -> str:
    """`RE-2026-0001` -> `RF40RE20260001`: signs other than A-Z and 0-9 are dropped, 1 to 21 must remain.

    Two numbers that differ only in dropped signs share a reference: pass numbers without such signs.
    """
    bare = fold_order_id(number)
    if not 1 <= len(bare) <= LONGEST_NUMBER:
        raise PaymentCodeError(f"a reference needs 1 to {LONGEST_NUMBER} letters or digits: {number[:40]!r}")
    return f"RF{mod_97_10.calc_check_digits(f'{bare}RF')}{bare}"


def is_reference(text: str) -> bool:
    """True for a valid RF reference, in capitals and without blanks."""
    return not no_reference_sign.search(text) and bool(iso11649.is_valid(text))


def group_reference(text: str) -> str:
    """In groups of four, as references and IBANs are printed."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def girocode_payload(
    name: str,
    iban: str,
    bic: str,
    cents: int,
    reference: str = "",
    *,
    text: str = "",
    info: str = "",
    version: Version = "002",
) -> str:
    """The QR code's content in UTF-8; lines end in LF, none stands after the last filled one.

    The BIC may be empty except in version 001. Either an RF `reference` or a `text` of at most 140 signs,
    never both; `info` for the payer has at most 70. Raises PaymentCodeError for what a bank would refuse.
    """
    check_payee(name, iban, bic)
    if version == "001" and not bic:
        raise PaymentCodeError("version 001 needs a BIC")
    check_amount(cents)
    check_purpose(reference, text, info)
    amount = f"EUR{cents // 100}.{cents % 100:02d}"
    lines = ["BCD", version, "1", "SCT", bic, name, iban, amount, "", reference, text, info]
    payload = "\n".join(lines).rstrip("\n")
    if len(payload.encode()) > MOST_BYTES:
        raise PaymentCodeError(f"a GiroCode holds at most {MOST_BYTES} bytes")
    return payload


def check_payee(name: str, iban: str, bic: str) -> None:
    """PaymentCodeError unless name, IBAN and BIC are right; the BIC may be empty."""
    check_line("name", name, LONGEST_NAME)
    if not name.strip():
        raise PaymentCodeError("the payee's name is missing")
    if iban != iban_number.compact(iban) or not iban_number.is_valid(iban):
        raise PaymentCodeError("the IBAN is not valid")
    if bic and (bic != bic_number.compact(bic) or not bic_number.is_valid(bic)):
        raise PaymentCodeError("the BIC is not valid")


def check_amount(cents: int) -> None:
    """PaymentCodeError unless 0.01 to 999,999,999.99."""
    if not 1 <= cents <= LARGEST_AMOUNT:
        raise PaymentCodeError("the amount must be between 0.01 and 999999999.99")


def check_purpose(reference: str, text: str, info: str) -> None:
    """PaymentCodeError for a bad reference, too long texts, or a reference beside a text."""
    if reference and text:
        raise PaymentCodeError("either a reference or a text, never both")
    if reference and not is_reference(reference):
        raise PaymentCodeError("the reference is not a valid RF reference")
    check_line("text", text, LONGEST_TEXT)
    check_line("info", info, LONGEST_INFO)


def check_line(field: str, line: str, longest: int) -> None:
    """PaymentCodeError for a line that is too long or holds a line break or control sign."""
    if len(line) > longest:
        raise PaymentCodeError(f"{field} has more than {longest} signs")
    if control_sign.search(line):
        raise PaymentCodeError(f"{field} has control signs")
