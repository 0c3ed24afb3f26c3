"""The page of money that needs a person: payments nobody could place, and receivables on which too much came in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from babel.numbers import format_currency
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from dunning.records.queries.cases.filter import CaseFilter
from dunning.records.queries.money.candidates import list_suggestions
from dunning.records.queries.money.lists import (
    MoneyCount,
    MoneyPage,
    Overpaid,
    UnmatchedPayment,
    count_left_out,
    count_overpaid,
    count_unmatched,
    find_left_out,
    find_overpaid,
    find_payment,
    find_unmatched,
)
from dunning.rules.money import matching
from dunning.rules.money.matching import Suggestion
from dunning.web.lists.cursors import Cursor, Paged, read_cursor
from dunning.web.lists.filters import BadFilter, parse_filter, write_filter
from dunning.web.request.form import Form
from dunning.web.request.language import read_language
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_money
from dunning.web.words.step_labels import label_plan

PATH = "/admin/payments"
UNMATCHED, OVERPAID, LEFT_OUT = "unmatched", "overpaid", "left_out"
VIEWS = {UNMATCHED: _l("Not assigned"), OVERPAID: _l("Overpaid"), LEFT_OUT: _l("Left out")}
FIND = {UNMATCHED: find_unmatched, OVERPAID: find_overpaid, LEFT_OUT: find_left_out}
COUNT = {UNMATCHED: count_unmatched, OVERPAID: count_overpaid, LEFT_OUT: count_left_out}
REASON_LABELS = {
    matching.NO_REFERENCE: _l("The text names no order"),
    matching.ORDER_UNKNOWN: _l("The order is not known"),
    matching.SEVERAL_ORDERS: _l("The text names several orders"),
    matching.UNKNOWN_RATE: _l("The order has no such instalment"),
    matching.OTHER_CURRENCY: _l("The order is in another currency"),
    matching.POSSIBLY_SAME: _l("Possibly reported before"),
    matching.NOT_CREDITED: _l("Nothing was credited that could be taken back"),
    matching.UNREADABLE: _l("The entry could not be read in full"),
    matching.OUTGOING: _l("Outgoing money of our own"),
    matching.DEBIT_REVERSED: _l("A debit of ours taken back"),
    matching.NOT_BOOKED: _l("Not booked by the bank yet"),
    matching.NO_AMOUNT: _l("An entry without an amount"),
}
WHY_LABELS = {
    "order_in_text": _l("named in the text"),
    "same_amount": _l("just this amount is open"),
    "same_name": _l("similar name"),
}
SOURCE_LABELS = {
    "camt": _l("Bank statement"),
    "mt940": _l("Bank statement"),
    "csv": _l("Payments file"),
    "ipn": _l("Platform"),
}


@dataclass(frozen=True)
class Tab:
    """One of the lists, with how much is in it."""

    label: str
    url: str
    current: bool
    count: MoneyCount


@dataclass(frozen=True)
class PaymentView:
    """One payment that waits, with what it might be for."""

    row: UnmatchedPayment
    suggestions: list[Suggestion]
    form: Form

    @property
    def reason(self) -> str:
        label = REASON_LABELS.get(self.row.reason, REASON_LABELS[matching.ORDER_UNKNOWN])
        return str(label)

    @property
    def amount(self) -> str:
        """With its own currency: foreign money is never booked."""
        if self.row.currency == "EUR":
            return write_money(self.row.cents)
        return format_currency(Decimal(self.row.cents) / 100, self.row.currency, locale=read_language())

    @property
    def source(self) -> str:
        return str(SOURCE_LABELS.get(self.row.source, self.row.source))

    @property
    def assignable(self) -> bool:
        return bool(self.row.cents) and self.row.reason != matching.NOT_BOOKED

    @property
    def dismissal(self) -> str:
        """What a person says to settle it without booking; "" where money waits for its order."""
        if self.row.reason == matching.POSSIBLY_SAME:
            return _("It is the same payment")
        return _("Nothing to book") if self.row.reason == matching.UNREADABLE else ""


@dataclass(frozen=True)
class MoneyList(Paged):
    """What the template draws; everything is of one query."""

    view: str
    wanted: CaseFilter
    page: MoneyPage
    counts: Mapping[str, MoneyCount]
    first: int
    payments: list[PaymentView]
    form: Form

    @cached_property
    def tabs(self) -> list[Tab]:
        return [
            Tab(str(label), self.link(view=view), view == self.view, self.counts[view])
            for view, label in VIEWS.items()
        ]

    @property
    def count(self) -> MoneyCount:
        return self.counts[self.view]

    @property
    def clear_url(self) -> str:
        return self.link(text="")

    @property
    def shown(self) -> MoneyPage:
        return self.page

    @property
    def total(self) -> int:
        return self.count.rows

    @property
    def order(self) -> str:
        return self.view

    def link(self, *pairs: tuple[str, str], view: str = "", text: str | None = None) -> str:
        wanted = self.wanted if text is None else replace(self.wanted, text=text)
        shown = view or self.view
        own = [("view", shown)] if shown != UNMATCHED else []
        return PATH + write_filter(wanted, *own, *pairs)


def build_money_list(session: Session, args: MultiDict[str, str], form: Form | None = None) -> MoneyList:
    """The list a query string asks for. With `form` the payment it is named for is there, whatever page that is."""
    form = form or Form()
    view = read_view(args)
    asked = parse_filter(args)
    wanted = CaseFilter(text=asked.text, per=asked.per)
    cursor = read_cursor(args, view)
    page = FIND[view](session, wanted.text, wanted.per, cursor.place if cursor else None)
    rows = _with_form(session, page.rows, form) if view != OVERPAID else []
    suggestions = list_suggestions(session, rows) if rows else {}
    return MoneyList(
        view=view,
        wanted=wanted,
        page=page,
        counts={name: count(session, wanted.text) for name, count in COUNT.items()},
        first=_first_row(cursor, len(page.rows)),
        payments=[PaymentView(row, suggestions[row.id], form.only(row.id)) for row in rows],
        form=form,
    )


def _first_row(cursor: Cursor | None, size: int) -> int:
    return cursor.first_row(size) if cursor else 1


def _with_form(session: Session, rows: list[UnmatchedPayment], form: Form) -> list[UnmatchedPayment]:
    if not form.name or any(str(row.id) == form.name for row in rows):
        return rows
    waiting = find_payment(session, int(form.name))
    return [waiting, *rows] if waiting else rows


def read_view(args: MultiDict[str, str]) -> str:
    """Which of the lists is asked for. BadFilter for another."""
    view = args.get("view") or UNMATCHED
    if view not in VIEWS:
        raise BadFilter(_("“%(value)s” is no value for “%(name)s”.", value=view[:40], name="view"))
    return view


def label_why(suggestion: Suggestion) -> str:
    """Why a receivable is suggested, in words."""
    return ", ".join(str(WHY_LABELS[reason]) for reason in suggestion.why)


def label_candidate(suggestion: Suggestion) -> str:
    """`M6B5zL7i · Instalment 2 of 6 · Anna Muster`."""
    candidate = suggestion.candidate
    rate = [label_plan("", candidate.rate, candidate.rates)] if candidate.rates > 1 else []
    name = next((name.strip() for name in reversed(candidate.names) if name.strip()), "")
    return " · ".join([candidate.order_id, *rate, *([name] if name else [])])


def label_rate(row: Overpaid) -> str:
    """How the order is paid, and which instalment this is."""
    return label_plan(row.plan, row.rate, row.rates)
