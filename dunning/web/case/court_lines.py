"""The fields of the Mahnantrag's form as they are printed: its German terms, what they mean, what to write."""

from dataclasses import dataclass

from dunning.web.request.language import read_language

NOTHING = "–"


@dataclass(frozen=True)
class Line:
    """A field of the form: its German term, what that means (empty for German readers), what to write, a remark.

    `german`: what to write is German in every language.
    """

    term: str
    gloss: str
    value: str
    note: str = ""
    german: bool = False


@dataclass(frozen=True)
class Part:
    """A step of the form."""

    term: str
    gloss: str
    lines: list[Line]


def write_line(term: str, gloss: str, value: str, note: str = "", *, german: bool = False) -> Line:
    """A field; a value that is not known is a dash, a gloss that says the same is left out."""
    plain = read_language() == "de" or gloss == term
    return Line(term, "" if plain else gloss, value or NOTHING, note, german and bool(value))


def write_part(term: str, gloss: str, *lines: Line | None) -> Part:
    """A step of the form without the fields that do not apply (None)."""
    return Part(term, "" if read_language() == "de" else gloss, [line for line in lines if line])
