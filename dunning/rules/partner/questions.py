"""The partner's questions: the inputs an answer type needs, what makes an answer right, the JSON the partner gets.

Inputs are called `value`, `text`, `date` and `files`; those of a dynamic form `field-0`, `field-1` … in their order.
An answer is `{"value": "yes"}` with `date` or `text` beside it, `{"files": […]}`, or `{"fields": {name: value}}`.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

YES, NO, UNKNOWN = "yes", "no", "dontknow"
UPLOAD, FORM = "fileupload", "dynamic-form"
# the words each type can be answered with
WORDS = {
    "yes-no": (YES, NO),
    "yes-no-dontknow": (YES, NO, UNKNOWN),
    "yes-no-freetext-on-no": (YES, NO),
    "yes-with-date-no-freetext-on-no": (YES, NO),
}
TEXT_ON_NO = ("yes-no-freetext-on-no", "yes-with-date-no-freetext-on-no")
DATE_ON_YES = ("yes-with-date-no-freetext-on-no",)
ANSWER_TYPES = (*WORDS, UPLOAD, FORM)

TEXT, NUMBER, DATE, CHOICE, CHECKBOX = "text", "number", "date", "choice", "checkbox"
LONGEST_TEXT = 2_000
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,6})?")
# why an input is not right
MISSING, NOT_OFFERED, NO_DATE, NO_NUMBER, TOO_LONG = (
    "missing",
    "not_offered",
    "no_date",
    "no_number",
    "too_long",
)


@dataclass(frozen=True)
class FormField:
    """A field of a dynamic form. `name` is the partner's; one of an unknown kind is asked for as text."""

    name: str
    label: str
    kind: str
    required: bool
    # value and label
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class StoredFile:
    """An upload that lies in our store under its SHA-256."""

    name: str
    sha256: str


@dataclass
class Reading:
    """What was typed as the partner's JSON; right only when there are no `errors` (codes by input)."""

    answer: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def list_types(answer_types: Sequence[str], content: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that can be answered here, as the partner lists them; the portal is there for the others."""
    known = dict.fromkeys(kind for kind in answer_types if kind in ANSWER_TYPES)
    return tuple(kind for kind in known if kind != FORM or read_fields(content))


def read_fields(content: Mapping[str, Any]) -> tuple[FormField, ...]:
    """The fields of a dynamic form; none when one of them cannot be read, for half a form is no answer."""
    listed = content.get("form_fields")
    if not isinstance(listed, list) or not all(
        isinstance(part, dict) and part.get("name") for part in listed
    ):
        return ()
    return tuple(_read_field(part) for part in listed)


def _read_field(part: Mapping[str, Any]) -> FormField:
    options = part.get("options")
    offered = tuple(_read_option(option) for option in options) if isinstance(options, list) else ()
    kind = str(part.get("type", TEXT))
    known = kind in (TEXT, NUMBER, DATE, CHECKBOX) or (kind == CHOICE and offered)
    name = str(part["name"])
    return FormField(
        name, str(part.get("label") or name), kind if known else TEXT, part.get("required") is True, offered
    )


def _read_option(option: object) -> tuple[str, str]:
    """A plain value, or an object with value and label."""
    if not isinstance(option, dict):
        return str(option), str(option)
    value = str(option.get("value", ""))
    return value, str(option.get("label") or value)


def read_answer(
    answer_type: str, content: Mapping[str, Any], typed: Mapping[str, str], files: Sequence[StoredFile] = ()
) -> Reading:
    """What was typed for one of ANSWER_TYPES. What its type does not ask for is left out."""
    if answer_type == UPLOAD:
        return _read_files(files)
    if answer_type == FORM:
        return _read_form(read_fields(content), typed)
    return _read_word(answer_type, typed)


def _read_files(files: Sequence[StoredFile]) -> Reading:
    if not files:
        return Reading(errors={"files": MISSING})
    return Reading({"files": [{"name": file.name, "sha256": file.sha256} for file in files]})


def _read_word(answer_type: str, typed: Mapping[str, str]) -> Reading:
    reading, word = Reading(), typed.get("value", "")
    if word not in WORDS[answer_type]:
        return Reading(errors={"value": NOT_OFFERED if word else MISSING})
    reading.answer["value"] = word
    if word == NO and answer_type in TEXT_ON_NO:
        _take(reading, "text", "text", _read_text, typed.get("text", ""))
    if word == YES and answer_type in DATE_ON_YES:
        _take(reading, "date", "date", _read_date, typed.get("date", ""))
    return reading


def _read_form(fields: Sequence[FormField], typed: Mapping[str, str]) -> Reading:
    inner = Reading()
    for number, part in enumerate(fields):
        name, text = f"field-{number}", typed.get(f"field-{number}", "").strip()
        if part.kind == CHECKBOX:
            inner.answer[part.name] = bool(text)
        elif part.kind == CHOICE and text and text not in dict(part.options):
            inner.errors[name] = NOT_OFFERED
        elif text or part.required:
            _take(inner, name, part.name, READERS.get(part.kind, _read_text), text)
    return Reading({"fields": inner.answer}, inner.errors)


def _take(reading: Reading, name: str, key: str, read: Callable[[str], str | int], text: str) -> None:
    """Puts the value under `key`, or the error under the input's name."""
    if not text.strip():
        reading.errors[name] = MISSING
        return
    try:
        reading.answer[key] = read(text.strip())
    except ValueError as error:
        reading.errors[name] = str(error)


def _read_text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError(TOO_LONG)
    return text


def _read_date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(NO_DATE) from None


def _read_number(text: str) -> int | str:
    """With comma or point, a fraction as text; groups of thousands could mean two numbers."""
    if not PLAIN_NUMBER.fullmatch(text):
        raise ValueError(NO_NUMBER)
    number = Decimal(text.replace(",", "."))
    return int(number) if number == number.to_integral_value() else str(number)


READERS: dict[str, Callable[[str], str | int]] = {NUMBER: _read_number, DATE: _read_date}
