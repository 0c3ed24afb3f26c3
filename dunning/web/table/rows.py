"""A row of the case table, ready to be written down: buttons by status, the line below it, the panel's address."""

import datetime as dt
from dataclasses import dataclass
from zlib import crc32

from flask_babel import lazy_gettext as _l

from dunning.records.queries.cases.table import CaseRow
from dunning.rules.gates import starts_handover
from dunning.rules.money.limitation import Limitation
from dunning.rules.statuses import HANDED_OVER, RUNNING, VENDOR, allowed_verbs
from dunning.web.request.scope import Scope
from dunning.web.request.texts import gettext as _
from dunning.web.words.labels import STATUS_LOOKS, label_status
from dunning.web.words.point_labels import label_method
from dunning.web.words.row_notes import describe_next, warn_limitation
from dunning.web.words.step_labels import PLAN_LABELS

OPTION_LABELS = {
    0: _l("Not chosen"),
    1: _l("Letters + termination"),
    2: _l("Collection + termination"),
    3: _l("Collection + court"),
}


@dataclass(frozen=True)
class RowWords:
    """What every row says again: translated once for a page, not fifty times (a third of its time)."""

    start: str
    start_asking: str
    hand_over: str
    cancel: str
    terminate: str
    undo: str
    no_name: str
    order_id: str
    plan: str
    overdue: str
    days: str
    open: str
    order: str
    paid: str
    cancellation: str
    option: str
    show_points: str


def read_words() -> RowWords:
    """In the reader's language."""
    return RowWords(
        start=_("Start"),
        start_asking=_("Start …"),
        hand_over=_("Hand over to collection (asks first)"),
        cancel=_("Cancel"),
        terminate=_("Terminate …"),
        undo=_("Undo"),
        no_name=_("Name unknown"),
        order_id=_("Order ID"),
        plan=_("Payment plan"),
        overdue=_("Overdue"),
        days=_("d"),
        open=_("Open"),
        order=_("Order"),
        paid=_("Paid"),
        cancellation=_("Cancellation"),
        option=_("Option"),
        show_points=_("Show the eligibility"),
    )


@dataclass(frozen=True)
class RowView:
    """One row as its reader sees it. Staff read other status names and have no buttons here."""

    row: CaseRow
    today: dt.date
    scope: Scope
    list_url: str  # the table as it stands, to open and close the panel without scripts
    undoable: bool = False
    limitation: Limitation | None = None
    # "", "2s" or "10s": how often the row asks whether the partner has answered
    pace: str = ""

    @property
    def mark(self) -> str:
        """Changes whenever the row would say something else."""
        row = self.row
        seen = (row.status, row.claim_in_review, row.outstanding, row.paid, row.hold_until, self.note)
        return f"{crc32(repr(seen).encode()):x}"

    def link(self, part: str = "", **query: object) -> str:
        """The case's own page, or what the row asks for and sends."""
        return self.scope.links.case(self.row.id, part, **query)

    @property
    def staff(self) -> bool:
        return self.scope.staff

    @property
    def open_url(self) -> str:
        """The same table with this row's panel open."""
        mark = "&" if "?" in self.list_url else "?"
        return f"{self.list_url}{mark}open={self.row.id}#case-{self.row.id}"

    @property
    def hue(self) -> str:
        return STATUS_LOOKS[self.row.status].hue

    @property
    def icon(self) -> str:
        return STATUS_LOOKS[self.row.status].icon

    @property
    def status(self) -> str:
        return label_status(self.row.status, staff=self.staff)

    @property
    def note(self) -> str:
        return describe_next(self.row, self.today, staff=self.staff)

    @property
    def warning(self) -> str:
        return warn_limitation(self.limitation)

    @property
    def plan(self) -> str:
        """`One-off payment`, or which instalment of how many."""
        if self.row.plan == "one_time_payment" or self.row.rates < 2:
            return str(PLAN_LABELS.get(self.row.plan, self.row.plan))
        return _("Instalment %(rate)s/%(rates)s", rate=self.row.rate, rates=self.row.rates)

    @property
    def method(self) -> str:
        return label_method(self.row.method)

    @property
    def option(self) -> str:
        return str(OPTION_LABELS[self.row.scheme])

    @property
    def days(self) -> int | None:
        return self.row.days_overdue(self.today)

    @property
    def may_start(self) -> bool:
        """By the status alone: red points are told when it is tried."""
        return not self.staff and "start" in allowed_verbs(self.row.status, VENDOR)

    @property
    def asks_first(self) -> bool:
        """A handover costs money to take back."""
        row = self.row
        chargeback, letters_out = row.chargeback, row.letters_out
        return starts_handover(row.status, row.scheme, chargeback=chargeback, letters_out=letters_out)

    @property
    def may_cancel(self) -> bool:
        """While a claim is at the partner nothing can be cancelled."""
        allowed = "cancel" in allowed_verbs(self.row.status, VENDOR)
        return allowed and not self.staff and not self.row.claim_in_review

    @property
    def may_request(self) -> bool:
        """At the partner the end can only be asked for, once at a time."""
        row = self.row
        at_partner = row.status == HANDED_OVER or (row.status == RUNNING and row.claim_in_review)
        return at_partner and not self.staff and not row.cancellation_asked
