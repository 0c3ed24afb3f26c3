"""What leads to other cases of the table: saved views with their figures, chips that take a filter off."""

from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l

from dunning.records.queries.cases.counts import CaseCounts
from dunning.records.queries.cases.filter import CaseFilter
from dunning.rules import statuses
from dunning.rules.terms import CaseStatus
from dunning.web.lists.filters import clear_filter, write_filter
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day, write_money
from dunning.web.words.labels import label_status_filter

LATELY = "30d"
VIEWS: tuple[tuple[object, tuple[CaseStatus, ...]], ...] = (
    (_l("To review"), (statuses.AWAITING_APPROVAL, statuses.READY_FOR_HANDOVER)),
    (_l("Running"), (statuses.RUNNING,)),
    (_l("In collection"), (statuses.HANDED_OVER,)),
    (_l("Problem"), (statuses.BLOCKED, statuses.FAILED)),
)
PERIOD_LABELS = {
    "": _l("All periods"),
    "year": _l("last 365 days"),
    "90d": _l("last 90 days"),
    "30d": _l("last 30 days"),
}


@dataclass(frozen=True)
class View:
    """A tile: how many cases and cents a click on it leads to."""

    label: str
    cases: int
    cents: int
    url: str
    current: bool


@dataclass(frozen=True)
class Chip:
    """A filter that is on; `url` is the table without it."""

    label: str
    url: str


def list_views(wanted: CaseFilter, counts: CaseCounts, path: str) -> list[View]:
    """All cases, the views of page 1 of the design, and what was paid in the last 30 days."""
    plain = clear_filter(wanted)

    def make(label: object, cases: int, cents: int, target: CaseFilter) -> View:
        return View(str(label), cases, cents, path + write_filter(target), wanted == target)

    views = [make(_("All"), counts.total.cases, counts.total.outstanding, plain)]
    for label, keys in VIEWS:
        sums = counts.of(*keys)
        views.append(make(label, sums.cases, sums.outstanding, replace(plain, statuses=keys)))
    lately = replace(plain, statuses=(statuses.PAID,), ended=LATELY)
    paid = counts.lately_paid
    return [*views, make(_("Paid (30 d)"), paid.cases, paid.outstanding, lately)]


def list_chips(wanted: CaseFilter, path: str, *, staff: bool = False) -> list[Chip]:
    """One chip for each filter that is on, one for each chosen status."""
    found = [
        (_("Status: %(status)s", status=label_status_filter(key, staff=staff)), _drop_status(wanted, key))
        for key in wanted.statuses
    ]
    if wanted.period:
        label = _("Period: %(period)s", period=PERIOD_LABELS[wanted.period])
        found.append((label, replace(wanted, period="")))
    if wanted.opened_from or wanted.opened_to:
        found.append((_describe_days(wanted), replace(wanted, opened_from=None, opened_to=None)))
    if wanted.ended:
        label = _("Ended: %(period)s", period=PERIOD_LABELS[wanted.ended])
        found.append((label, replace(wanted, ended="")))
    if wanted.amount_min is not None or wanted.amount_max is not None:
        found.append((_describe_amounts(wanted), replace(wanted, amount_min=None, amount_max=None)))
    if wanted.text:
        found.append((_("Search: %(text)s", text=wanted.text), replace(wanted, text="")))
    if wanted.vendor:
        found.append((label_vendor(wanted.vendor), replace(wanted, vendor=None)))
    return [Chip(label, path + write_filter(rest)) for label, rest in found]


def label_vendor(vendor_id: int) -> str:
    """The chip of a list that is one vendor's alone."""
    return _("Vendor: user ID %(id)s", id=vendor_id)


def _drop_status(wanted: CaseFilter, dropped: CaseStatus) -> CaseFilter:
    return replace(wanted, statuses=tuple(key for key in wanted.statuses if key != dropped))


def _describe_days(wanted: CaseFilter) -> str:
    first = write_day(wanted.opened_from) if wanted.opened_from else ""
    last = write_day(wanted.opened_to) if wanted.opened_to else ""
    if not last:
        return _("Opened from %(first)s", first=first)
    if not first:
        return _("Opened until %(last)s", last=last)
    return _("Opened from %(first)s until %(last)s", first=first, last=last)


def _describe_amounts(wanted: CaseFilter) -> str:
    least = "" if wanted.amount_min is None else write_money(wanted.amount_min)
    most = "" if wanted.amount_max is None else write_money(wanted.amount_max)
    if not most:
        return _("Amount: from %(least)s", least=least)
    if not least:
        return _("Amount: up to %(most)s", most=most)
    return _("Amount: %(least)s to %(most)s", least=least, most=most)
