"""What the page of letters shows: a day's letters with what became of each, and what waits longest."""

import datetime as dt
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from dunning.desk import Desk
from dunning.records.queries.letters.post import DayCount, PostLine, count_days, list_day, list_waiting
from dunning.rules.letters.post import NOT_POSTED
from dunning.rules.names import fold
from dunning.rules.statuses import RUNNING
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _

# a page has to stay one; the print file holds all, the search finds the rest
MOST_ROWS = 300
OUTCOMES = ("posted", "undeliverable")
ALL = "all"  # the name of the form for the whole day; the others are called by the number of their letter


@dataclass(frozen=True)
class PostRow:
    """A letter in the table: `hue` and `sign` of its mark, what it says, whether it is in the print file."""

    line: PostLine
    hue: str
    sign: str
    state: str
    form: Form


@dataclass(frozen=True)
class LetterList:
    """The page. `printable` letters are in the print file of the day; `outdated` the next one makes anew.

    `newest` is the last letter made so far: print file and posting stop at it, for both are of what is shown.
    """

    day: dt.date
    today: dt.date
    text: str
    rows: list[PostRow]
    total: int
    printable: int
    newest: str
    waiting: int
    oldest: dt.date | None
    outdated: int
    days: list[DayCount]
    form: Form
    all_form: Form

    @property
    def url(self) -> str:
        return url_for("admin_letters.show_letters", day=self.day.isoformat())


def build_letter_list(
    session: Session, day: dt.date, text: str, desk: Desk, form: Form | None = None
) -> LetterList:
    """The day's letters, those of `text` (order ID or name) when given; with `form` what was typed wrongly."""
    form = form or Form()
    lines = list_day(session, day, desk.today)
    found = [line for line in lines if _fits(line, fold(text))]
    waiting = list_waiting(session, desk.today)
    return LetterList(
        day=day,
        today=desk.today,
        text=text,
        rows=[_build_row(line, desk, form) for line in found[:MOST_ROWS]],
        total=len(found),
        printable=sum(line.waiting.printable(desk.today, desk.policy) for line in lines),
        newest=form.values.get("newest") or str(max((line.letter_id for line in lines), default=0)),
        waiting=len(waiting),
        oldest=waiting[0].waiting.made_on if waiting else None,
        outdated=sum(bool(line.waiting.outdated(desk.today, desk.policy)) for line in waiting),
        days=count_days(session),
        form=form,
        all_form=_fill_form(form, ALL, desk),
    )


def _fits(line: PostLine, text: str) -> bool:
    return text in fold(f"{line.paper.order_id} {line.paper.name}")


def _build_row(line: PostLine, desk: Desk, form: Form) -> PostRow:
    return PostRow(line, *_describe_state(line, desk), _fill_form(form, line.letter_id, desk))


def _fill_form(form: Form, name: str | int, desk: Desk) -> Form:
    """What was typed into the form of that name, else today."""
    mine = form.only(name)
    return mine if mine.values else Form(mine.name, {"date": desk.today.isoformat()})


def _describe_state(line: PostLine, desk: Desk) -> tuple[str, str, str]:
    """Hue, sign and words for what became of a letter."""
    waiting = line.waiting
    if line.undeliverable_on:
        return "bad", "bang", _("Came back")
    if waiting.posted_on:
        return "good", "check", _("Posted")
    if waiting.case_status != RUNNING:
        return "off", "ban", _("Not printed: the case is not running")
    if waiting.came_back:
        return "wait", "bang", _("Not printed: a letter to this address came back")
    if outdated := waiting.outdated(desk.today, desk.policy):
        late = outdated == NOT_POSTED
        return "wait", "bang", _("Too late to post") if late else _("Address or amount has changed")
    return "run", "clock", _("To be posted")
