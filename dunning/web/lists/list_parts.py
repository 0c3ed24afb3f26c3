"""The parts around a list of cases: heads to sort by, the status list, page links."""

from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from dunning.records.queries.cases.counts import CaseCounts
from dunning.records.queries.cases.filter import CaseFilter
from dunning.rules.statuses import ALL, OVERDUE, RUNNING
from dunning.web.lists.filters import IN_PROGRESS, write_filter
from dunning.web.words.labels import label_status_filter

# label, classes, sort key, sorted descending at the first click
COLUMNS: tuple[tuple[object, str, str, bool], ...] = (
    (_l("Buyer"), "k", "buyer", False),
    (_l("Order ID"), "", "order_id", False),
    (_l("Payment plan"), "", "", False),
    (_l("Status"), "", "status", False),
    (_lp("column", "Overdue"), "n", "overdue", True),
    (_l("Open"), "n", "outstanding", True),
    (_l("Order"), "n", "order_amount", True),
    (_l("Paid"), "n", "paid", True),
    (_l("Cancellation"), "n", "", False),
    (_lp("column", "Option"), "", "", False),
)
ACTION, VENDOR = _l("Action"), _l("Vendor")


@dataclass(frozen=True)
class Column:
    """A head; `sorted` is "", ascending or descending, `url` the table sorted by it (the other way)."""

    label: str
    classes: str
    url: str
    sorted: str


@dataclass(frozen=True)
class StatusOption:
    """A line of the status list, with the number of such cases."""

    key: str
    label: str
    cases: int
    chosen: bool
    selectable: bool


def list_columns(wanted: CaseFilter, path: str, *, staff: bool) -> list[Column]:
    """All heads from left to right."""
    first = Column(str(VENDOR if staff else ACTION), "a", "", "")
    return [first, *(_make_column(wanted, path, *column) for column in COLUMNS)]


def _make_column(
    wanted: CaseFilter, path: str, label: object, classes: str, key: str, falling: bool
) -> Column:
    if not key:
        return Column(str(label), classes, "", "")
    now = {key: "ascending", f"-{key}": "descending"}.get(wanted.sort, "")
    descending = now == "ascending" if now else falling
    url = path + write_filter(replace(wanted, sort=f"-{key}" if descending else key))
    return Column(str(label), classes, url, now)


def list_statuses(wanted: CaseFilter, counts: CaseCounts, *, staff: bool) -> list[StatusOption]:
    """Every status; `overdue` is named but never stored, so it cannot be chosen."""
    return [
        StatusOption(
            key=IN_PROGRESS if key == RUNNING else key,
            label=label_status_filter(key, staff=staff),
            cases=counts.of(key).cases,
            chosen=key in wanted.statuses,
            selectable=key != OVERDUE,
        )
        for key in ALL
    ]
