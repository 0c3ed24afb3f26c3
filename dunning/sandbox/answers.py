"""What an answer to a request to the client must hold at the sandbox partner, by its type."""

import datetime as dt
import hashlib
from typing import Any, Literal

AnswerType = Literal[
    "yes-no",
    "yes-no-dontknow",
    "fileupload",
    "yes-no-freetext-on-no",
    "yes-with-date-no-freetext-on-no",
    "dynamic-form",
]
YES_NO = ("yes", "no")
FORM = {
    "form_fields": [
        {"name": "contract_day", "label": "Day of the contract", "type": "date", "required": True},
        {
            "name": "channel",
            "label": "How was it ordered?",
            "type": "choice",
            "options": ["shop", "phone", "letter"],
        },
        {"name": "attempts", "label": "Number of delivery attempts", "type": "number", "required": False},
        {"name": "delivered", "label": "The goods were delivered", "type": "checkbox", "required": False},
        {"name": "remark", "label": "Anything else", "type": "text", "required": False},
    ]
}


def find_problem(answer_type: str, form: dict[str, Any], answer: dict[str, Any]) -> str | None:
    """What is wrong with an answer; None when it is right.

    `{"value": "yes"}` with `date` or `text` where the type asks for them; `{"files": [{"name", "content"}]}` in
    base64; `{"fields": {name: value}}` for a dynamic form.
    """
    if answer_type == "fileupload":
        return check_files(answer.get("files"))
    if answer_type == "dynamic-form":
        return check_fields(form["form_fields"], answer.get("fields"))
    return check_word(answer_type, answer)


def forget_content(answer: dict[str, Any]) -> dict[str, Any]:
    """That files arrived, not the files themselves."""
    if "files" not in answer:
        return answer
    digests = ((file["name"], hashlib.sha256(str(file["content"]).encode())) for file in answer["files"])
    return answer | {"files": [{"name": name, "sha256": digest.hexdigest()} for name, digest in digests]}


def check_word(answer_type: str, answer: dict[str, Any]) -> str | None:
    """Yes or no, and what goes with it."""
    word = answer.get("value")
    if word not in (*YES_NO, *(("dontknow",) if answer_type == "yes-no-dontknow" else ())):
        return "value: not among the answers."
    if word == "no" and answer_type.endswith("freetext-on-no") and not answer.get("text"):
        return "text: say why not."
    if word == "yes" and answer_type.startswith("yes-with-date") and not is_day(answer.get("date")):
        return "date: say when, as YYYY-MM-DD."
    return None


def check_files(files: object) -> str | None:
    """At least one file with its name and content."""
    listed = files if isinstance(files, list) else []
    if listed and all(isinstance(file, dict) and file.get("name") and file.get("content") for file in listed):
        return None
    return "files: give at least one, with name and content."


def check_fields(form_fields: list[dict[str, Any]], fields: object) -> str | None:
    """No unknown field, none missing that is required, and a choice from its options."""
    if not isinstance(fields, dict):
        return "fields: give an object."
    if unknown := fields.keys() - {field["name"] for field in form_fields}:
        return f"fields: {min(unknown)} is not in the form."
    for field in form_fields:
        value = fields.get(field["name"])
        if value in (None, ""):
            if field.get("required"):
                return f"fields: {field['name']} is required."
        elif field["type"] == "date" and not is_day(value):
            return f"fields: {field['name']} is no day."
        elif field["type"] == "choice" and value not in field["options"]:
            return f"fields: {field['name']} is not among the options."
    return None


def is_day(value: object) -> bool:
    """Whether it reads `2026-01-02`."""
    try:
        return isinstance(value, str) and bool(dt.date.fromisoformat(value))
    except ValueError:
        return False
