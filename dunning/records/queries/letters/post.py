"""The letters of a day on their way to the post, and those that wait for it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from dunning.records.cases import Case, Letter, Step
from dunning.records.orders import Buyer, LedgerEntry, Receivable
from dunning.rules.letters.post import Paper, Waiting
from dunning.rules.policy import Policy
from dunning.rules.statuses import RUNNING
from dunning.rules.terms import FEE_KINDS, CaseStatus, StepState

# the addressee, as the letter froze it and as the buyer's row has it
ADDRESSEE = (
    "company",
    "first_name",
    "last_name",
    "details",
    "street",
    "house_number",
    "zipcode",
    "city",
    "country",
)

# a letter that was not made anew
MADE: tuple[StepState, ...] = ("planned", "in_doubt", "done")


@dataclass(frozen=True)
class PostLine:
    """A letter with what became of it. `step_state` in_doubt: nobody knows whether its mail arrived."""

    letter_id: int
    case_id: int
    vendor_id: int
    number: int
    mailed_at: dt.datetime | None
    undeliverable_on: dt.date | None
    step_state: StepState
    waiting: Waiting

    @property
    def paper(self) -> Paper:
        return self.waiting.paper


@dataclass(frozen=True)
class DayCount:
    """A local day and how many of its letters nobody has posted."""

    day: dt.date
    letters: int


def count_days(session: Session, most: int = 6) -> list[DayCount]:
    """The latest days with letters of running cases that are not posted yet, the newest first."""
    query = (
        select(Letter.on_date, func.count())
        .join(Case, Case.id == Letter.case_id)
        .join(Step, Step.id == Letter.step_id)
        .where(Letter.posted_on.is_(None), Letter.undeliverable_on.is_(None))
        .where(Step.state.in_(MADE), Case.status == RUNNING)
        .group_by(Letter.on_date)
        .order_by(Letter.on_date.desc())
        .limit(most)
    )
    return [DayCount(day, letters) for day, letters in session.execute(query)]


def find_day(session: Session, letter_id: int) -> dt.date | None:
    """The local day a letter was made on; None when there is no such letter."""
    return session.scalar(select(Letter.on_date).where(Letter.id == letter_id))


def list_day(session: Session, day: dt.date, today: dt.date) -> list[PostLine]:
    """The letters made on a local day, without those that were made anew; by country, postcode and name.

    `today` is the day their amounts are compared with.
    """
    lines = _read_lines(session, today, (Letter.on_date == day, Step.state.in_(MADE)))
    return sorted(lines, key=lambda line: line.paper.place)


def list_printable(session: Session, day: dt.date, today: dt.date, policy: Policy) -> list[PostLine]:
    """What belongs into the print file of the day's letters, were it made on `today`."""
    return [line for line in list_day(session, day, today) if line.waiting.printable(today, policy)]


def list_waiting(session: Session, today: dt.date, letter_id: int | None = None) -> list[PostLine]:
    """Letters no mail server accepted and nobody has posted, of running cases, the oldest first."""
    waits = (Letter.mailed_at.is_(None), Letter.posted_on.is_(None))
    only = [*waits, Step.state == "planned", Case.status == RUNNING]
    if letter_id is not None:
        only.append(Letter.id == letter_id)
    return sorted(_read_lines(session, today, only), key=lambda line: (line.waiting.made_on, line.letter_id))


def _read_lines(session: Session, today: dt.date, only: Iterable[ColumnElement[bool]]) -> list[PostLine]:
    return [_read_line(*row) for row in session.execute(_select_letters(today).where(*only))]


def _select_letters(today: dt.date) -> Select[Letter, StepState, CaseStatus, Buyer, int]:
    """With what is owed by `today` without interest and fees: both are counted anew for every letter."""
    taken_back = aliased(LedgerEntry)
    subject = func.coalesce(taken_back.kind, LedgerEntry.kind)
    owed = (
        select(func.coalesce(func.sum(LedgerEntry.cents), 0))
        .outerjoin(taken_back, taken_back.id == LedgerEntry.reverses_id)
        .where(LedgerEntry.receivable_id == Case.receivable_id, LedgerEntry.value_date <= today)
        .where(subject.not_in(("interest", *FEE_KINDS)))
    )
    return (
        select(Letter, Step.state, Case.status, Buyer, owed.scalar_subquery())
        .join(Case, Case.id == Letter.case_id)
        .join(Step, Step.id == Letter.step_id)
        .join(Receivable, Receivable.id == Case.receivable_id)
        .join(Buyer, Buyer.order_pk == Receivable.order_pk)
    )


def _read_line(letter: Letter, state: StepState, status: CaseStatus, buyer: Buyer, owed: int) -> PostLine:
    recipient: dict[str, str] = letter.content["recipient"]
    moved = any(recipient[name] != getattr(buyer, name).strip() for name in ADDRESSEE)
    waiting = Waiting(
        made_on=letter.on_date,
        paper=_read_paper(letter, recipient),
        case_status=status,
        out=state == "done",
        changed=moved or owed != _sum_moves(letter),
        came_back=letter.undeliverable_on is not None or (buyer.undeliverable_on is not None and not moved),
        posted_on=letter.posted_on,
    )
    return PostLine(
        letter_id=letter.id,
        case_id=letter.case_id,
        vendor_id=letter.vendor_id,
        number=letter.number,
        mailed_at=letter.mailed_at,
        undeliverable_on=letter.undeliverable_on,
        step_state=state,
        waiting=waiting,
    )


def _sum_moves(letter: Letter) -> int:
    """What the letter says is owed without interest and fees, in cents."""
    lines = (line for position in letter.content["positions"] for line in position["lines"])
    return sum(line["cents"] for line in lines if line["kind"] != "interest")


def _read_paper(letter: Letter, recipient: dict[str, str]) -> Paper:
    person = f"{recipient['first_name']} {recipient['last_name']}".strip()
    return Paper(
        order_id=letter.content["order_id"],
        name=recipient["company"] or person,
        zipcode=recipient["zipcode"],
        city=recipient["city"],
        country=recipient["country"],
        kind=letter.kind,
        sha256=letter.sha256,
    )
