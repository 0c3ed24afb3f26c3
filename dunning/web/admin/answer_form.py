"""What support typed to answer a question of the partner: values as they came, errors in words by input."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from dunning.outside.storage import Storage
from dunning.rules.partner import questions as rules
from dunning.rules.partner import upload
from dunning.rules.partner.questions import StoredFile, read_answer, read_fields
from dunning.web.request.form import Form

# a little more than may be sent, so that too long a text is told and not cut
LONGEST = rules.LONGEST_TEXT + 500
ERROR_LABELS = {
    rules.NOT_OFFERED: _l("This is none of the answers to choose from."),
    rules.NO_DATE: _l("This is not a date. Write it like 2026-12-31."),
    rules.NO_NUMBER: _l("This is not a number. Write it like 12 or 12,5."),
    rules.TOO_LONG: _l("This is too long: at most 2,000 characters."),
    upload.EMPTY: _l("One of the files is empty."),
    upload.WRONG_KIND: _l("Only PDF, JPEG and PNG files are taken."),
    upload.TOO_LARGE: _l("The files are too large: together at most 10 MB."),
    upload.TOO_MANY: _l("These are too many files: at most 5."),
}
MISSING_LABELS = {
    "value": _l("Choose an answer."),
    "text": _l("Say why not."),
    "date": _l("Give the date."),
    "files": _l("Choose at least one file."),
}
FILL_IN = _l("Fill this in.")


def type_answer(question_id: int, kind: str, sent: Mapping[str, str]) -> Form:
    """One answer to one question, by one of its answer types. What the inputs are called is the partner's to say."""
    names = [name for name in sent if name in MISSING_LABELS or name.startswith("field-")]
    return Form.typed(f"q{question_id}-{kind}", sent, names, LONGEST)


def read_typed(
    form: Form, kind: str, content: Mapping[str, Any], files: Sequence[FileStorage], store: Storage
) -> dict[str, Any] | None:
    """The answer as the partner gets it, its files stored; None, with `errors`, when it is not right."""
    kept = _keep_files(form, files, store) if kind == rules.UPLOAD else []
    if form.errors:
        return None
    reading = read_answer(kind, content, form.values, kept)
    labels = {f"field-{number}": part.label for number, part in enumerate(read_fields(content))}
    for name, code in reading.errors.items():
        said = describe_error(name, code)
        form.refuse(name, f"{labels[name]}: {said}" if name in labels else said)
    return None if form.errors else reading.answer


def _keep_files(form: Form, files: Sequence[FileStorage], store: Storage) -> list[StoredFile]:
    """Nothing is stored unless all can be taken."""
    read = [(file.filename or "", file.stream.read()) for file in files if file.filename]
    if problem := upload.judge_files([content for _, content in read]):
        form.refuse("files", describe_error("files", problem))
        return []
    return [StoredFile(upload.name_file(name, content), store.put(content)) for name, content in read]


def describe_error(name: str, code: str) -> str:
    """Why an input is not right, in the reader's words."""
    return str(MISSING_LABELS.get(name, FILL_IN) if code == rules.MISSING else ERROR_LABELS[code])
