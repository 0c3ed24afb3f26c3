"""The partner's questions on a case's page: forms to answer them for support, for the vendor that one waits."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.partner import PartnerQuestion
from dunning.records.queries.partner.questions import has_question, list_of_case
from dunning.rules.partner import questions as rules
from dunning.rules.partner.questions import FormField
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day

WORD_LABELS = {rules.YES: _l("Yes"), rules.NO: _l("No"), rules.UNKNOWN: _l("Not known")}


@dataclass(frozen=True)
class AnswerInputs:
    """The inputs of one answer type: a choice of words with what goes along, a form's fields, or files."""

    kind: str
    words: list[tuple[str, str]]
    asks_text: bool
    asks_date: bool
    # input's name and field
    fields: list[tuple[str, FormField]]
    asks_files: bool


@dataclass(frozen=True)
class QuestionView:
    """One question; `answer` in lines of (label, value), empty while there is none of ours."""

    id: int
    title: str
    description: str
    attachments: list[str]
    seen_at: dt.datetime
    waiting: bool
    inputs: list[AnswerInputs]
    answer: list[tuple[str, str]]
    answered_by: str
    answered_at: dt.datetime | None
    acknowledged_at: dt.datetime | None


@dataclass(frozen=True)
class QuestionCard:
    """`views` are for support; `waiting` also tells the vendor that the partner waits for an answer."""

    waiting: bool = False
    views: tuple[QuestionView, ...] = ()
    portal_url: str = ""


def read_questions(session: Session, case: Case, desk: Desk, *, staff: bool) -> QuestionCard:
    """A case that never reached the partner has none, without asking the database."""
    if case.mandate_id is None:
        return QuestionCard()
    if not staff:
        return QuestionCard(has_question(session, case.id))
    views = tuple(view_question(*row) for row in list_of_case(session, case.id))
    return QuestionCard(any(view.waiting for view in views), views, desk.policy.partner.portal_url)


def view_question(question: PartnerQuestion, answered_by: str, waiting: bool) -> QuestionView:
    """As support reads it."""
    kinds = rules.list_types(question.answer_types, question.content) if waiting else ()
    return QuestionView(
        id=question.id,
        title=question.title or _("A question without a title"),
        description=question.description,
        attachments=list_attachments(question.content),
        seen_at=question.seen_at,
        waiting=waiting,
        inputs=[list_inputs(kind, question.content) for kind in kinds],
        answer=describe_answer(question.answer or {}, question.content),
        answered_by=answered_by,
        answered_at=question.answered_at,
        acknowledged_at=question.acknowledged_at,
    )


def list_inputs(kind: str, content: Mapping[str, Any]) -> AnswerInputs:
    """What a form of this answer type asks for."""
    words = rules.WORDS.get(kind, ())
    fields = rules.read_fields(content) if kind == rules.FORM else ()
    return AnswerInputs(
        kind=kind,
        words=[(word, str(WORD_LABELS[word])) for word in words],
        asks_text=kind in rules.TEXT_ON_NO,
        asks_date=kind in rules.DATE_ON_YES,
        fields=[(f"field-{number}", part) for number, part in enumerate(fields)],
        asks_files=kind == rules.UPLOAD,
    )


def list_attachments(content: Mapping[str, Any]) -> list[str]:
    """Names of what the partner has attached; the files themselves are in its portal."""
    listed = content.get("file_attachments")
    names = [part.get("name") or part.get("filename") for part in listed or () if isinstance(part, dict)]
    return [str(name) for name in names if name]


def describe_answer(answer: Mapping[str, Any], content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The answer in lines of label and value."""
    lines = []
    if word := answer.get("value"):
        lines.append((_("Answer"), str(WORD_LABELS[word])))
    if day := answer.get("date"):
        lines.append((_("Date"), write_day(dt.date.fromisoformat(day))))
    if text := answer.get("text"):
        lines.append((_("Reason"), text))
    if files := answer.get("files"):
        lines.append((_("Files"), ", ".join(file["name"] for file in files)))
    if given := answer.get("fields"):
        fields = rules.read_fields(content)
        lines += [
            (part.label, describe_value(part, given[part.name])) for part in fields if part.name in given
        ]
    return lines


def describe_value(part: FormField, value: object) -> str:
    """A field's value as its form showed it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if part.kind == rules.DATE:
        return write_day(dt.date.fromisoformat(str(value)))
    return dict(part.options).get(str(value), str(value))
