"""What an entry of a statement means, by the marks that camt and MT940 give it.

German transaction codes (GVC, DFÜ agreement, annex 3): 108 and 109 are returned direct debits, 159 is a transfer of
ours that came back. Banks that write no GVC say the same by the type of the entry (`NRTI`, SWIFT MT940 field 61
subfield 6), by the ISO 20022 transaction code (issued direct debits, `PMNT/IDDT`: unpaid, refunded, recalled) or by
the reason of a return alone.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from dunning.rules.money.matching import DEBIT_REVERSED, OUTGOING
from dunning.rules.terms import LeftOut

RETURNED_DEBIT = ("108", "109")
OUR_MONEY_BACK = "159"
RETURNED_TYPE = "NRTI"
RETURNED_FAMILY = ("IDDT/UPDD", "IDDT/PRDD", "IDDT/RCDD")


# in the words of German savings banks: `ORG.BETR.: 100,00 EUR ENTGELT 3,00 EUR`
AMOUNT = r"\W{0,3}(?:EUR\s*)?(\d{1,3}(?:\.\d{3})+|\d{1,9}),(\d\d)\b"
original_words = re.compile(
    rf"\b(?:ORG|ORIG|URSPR|ORIGINAL|URSPRUNGS)\.?[\s-]*(?:BETR\b\.?|BETRAG){AMOUNT}", re.IGNORECASE
)
charge_words = re.compile(rf"\b(?:ENTGELT|GEB(?:UE|Ü)HR(?:EN)?){AMOUNT}", re.IGNORECASE)


@dataclass(frozen=True)
class Marks:
    """`returned`: an item that came back, whoever's; `reversal`: the bank takes back what it booked before."""

    codes: Collection[str] = ()
    returned: bool = False
    reversal: bool = False
    reason: str = ""


def judge_entry(cents: int, marks: Marks) -> LeftOut | None:
    """Why signed cents of the account are no payment of a buyer; None for a payment and for a returned debit."""
    debit_back = marks.returned or any(code in RETURNED_DEBIT for code in marks.codes)
    if cents < 0:
        return None if debit_back or marks.reversal or marks.reason else OUTGOING
    if OUR_MONEY_BACK in marks.codes:
        return DEBIT_REVERSED
    # a return that the bank takes back is the buyer's money again
    return DEBIT_REVERSED if (marks.reversal or marks.reason) and not debit_back else None


def find_fee(taken: int, original: int, charges: int, text: str) -> int:
    """Cents the bank took on top of a returned debit: all above the original amount, else its charges.

    Of `taken` from the account; 0 for what the entry does not name in a field of its own: then the text may.
    """
    original = original or _read_words(original_words, text)
    if 0 < original <= taken:
        return taken - original
    charges = charges or _read_words(charge_words, text)
    return charges if charges < taken else 0


def _read_words(words: re.Pattern[str], text: str) -> int:
    found = words.search(text)
    return int(found[1].replace(".", "")) * 100 + int(found[2]) if found else 0
