"""Which cases of a page are about to become time-barred: one more statement, only when any of them is old enough."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from dunning.records.orders import LedgerEntry
from dunning.records.queries.cases.table import CaseRow
from dunning.rules.facts import Entry
from dunning.rules.money.limitation import Limitation, judge_limitation
from dunning.rules.statuses import TERMINAL


def list_alarms(session: Session, rows: Sequence[CaseRow], today: dt.date) -> dict[int, Limitation]:
    """By case, the limitation of those that are not over and within the first alarm, or barred already."""
    # a payment only moves the end away: what is not near without one is not near at all
    old = [row for row in rows if row.status not in TERMINAL and _judge_near(row, [], today)]
    money = _read_money(session, [row.receivable_id for row in old]) if old else {}
    judged = {row.id: _judge_near(row, money.get(row.receivable_id, []), today) for row in old}
    return {case_id: limitation for case_id, limitation in judged.items() if limitation}


def _judge_near(row: CaseRow, entries: list[Entry], today: dt.date) -> Limitation | None:
    judged = judge_limitation(row.due_date, entries, today)
    return judged if judged and judged.alarm is not None else None


def _read_money(session: Session, receivable_ids: Sequence[int]) -> dict[int, list[Entry]]:
    reversed_entry = aliased(LedgerEntry)
    query = (
        select(LedgerEntry, reversed_entry.kind)
        .outerjoin(reversed_entry, reversed_entry.id == LedgerEntry.reverses_id)
        .where(LedgerEntry.receivable_id.in_(receivable_ids))
    )
    money: dict[int, list[Entry]] = {}
    for entry, reverses in session.execute(query):
        line = Entry(entry.kind, entry.cents, entry.value_date, reverses)
        money.setdefault(entry.receivable_id, []).append(line)
    return money
