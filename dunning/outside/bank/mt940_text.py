"""The text for the account holder (`:86:`) of an MT940 entry as German banks write it (DFÜ-Abkommen, annex 3).

Three digits of transaction code (GVC), then subfields behind a separator: `?00` what it is, `?20`-`?29` and `?60`-`?63`
remittance text, `?31` account, `?32`-`?33` name. The remittance text is cut into pieces of 27 characters without regard
to words, and holds keywords of its own (`EREF+`, `SVWZ+`).
"""

import re
from dataclasses import dataclass, field

CHUNK = 27
structured_text = re.compile(r"(\d{3})([^0-9A-Za-z\s])(?=\d\d)")
keyword_start = re.compile(
    r"(?:^|(?<=[ \n]))(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|PURP|IBAN|BIC|COAM|OAMT)\+"
)
# reasons a bank gives for a returned debit (ISO 20022 external codes), as they stand in the text
return_reason = re.compile(
    r"\b(AC0[1346]|AC13|AG0[12]|AM0[45]|BE05|CNOR|DNOR|FF05|MD0[1267]|MS0[23]|RC01|RR0[1-4]|SL01)\b"
)


@dataclass(frozen=True)
class Remittance:
    """What the text says. `lines` are the remittance text; a break between two may or may not have been a blank."""

    code: str = ""  # GVC, "" in a text without structure
    lines: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    payer_name: str = ""
    payer_account: str = ""
    return_code: str = ""


def read_text(lines: list[str]) -> Remittance:
    """The text of a `:86:` field, given as its lines in the file."""
    whole = "".join(lines)
    head = structured_text.match(whole)
    if head is None:
        return Remittance(lines=_clean(lines), return_code=_find_reason(whole))
    code, separator = head.groups()
    parts = _split(whole[3:], separator)
    chunks = [parts[key] for key in sorted(parts) if key[0] == "2" or key in ("60", "61", "62", "63")]
    words = _read_words(join_chunks(chunks))
    text = words.pop("SVWZ", "") or words.pop("", "")
    return Remittance(
        code=code,
        lines=_clean(text.split("\n")),
        words={name: " ".join(value.split()) for name, value in words.items()},
        payer_name=" ".join(join_chunks([parts.get("32", ""), parts.get("33", "")]).split()),
        payer_account=parts.get("31", "").replace(" ", ""),
        return_code=_find_reason(f"{parts.get('00', '')} {text}"),
    )


def _split(text: str, separator: str) -> dict[str, str]:
    """Subfield -> content. Only numbers that are subfields split: a question mark in a text does not.

    Behind the name some banks write subfields of their own (`?35`, `?70`), which are nobody's.
    """
    mark = re.escape(separator)
    pieces = re.split(rf"{mark}(00|10|2\d|3[0-4]|6[0-3])", text)
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return {
        key: re.split(rf"{mark}(?:3[5-9]|7\d)", part)[0] if key[0] == "3" else part
        for key, part in parts.items()
    }


def join_chunks(chunks: list[str]) -> str:
    """The pieces as lines. A full piece goes on in the next; after a shorter one, whose blank may be lost, is a break.

    A keyword begins a line of its own, also after a full piece.
    """
    joined = ""
    for chunk in chunks:
        if keyword_start.match(chunk) and joined:
            joined = joined.rstrip("\n") + "\n"
        joined += chunk if len(chunk) == CHUNK else f"{chunk}\n"
    return joined.rstrip("\n")


def _read_words(text: str) -> dict[str, str]:
    """Keyword -> value; what stands before the first one is under ""."""
    pieces = keyword_start.split(text)
    words = {"": pieces[0].strip("\n")} | {
        name: value.strip("\n") for name, value in zip(pieces[1::2], pieces[2::2], strict=True)
    }
    return {name: value for name, value in words.items() if value.strip()}


def _clean(lines: list[str]) -> tuple[str, ...]:
    cleaned = (" ".join(line.split()) for line in lines)
    return tuple(line for line in cleaned if line)


def _find_reason(text: str) -> str:
    found = return_reason.search(text)
    return found[1] if found else ""
