"""The list of cancellation requests as the page draws it: those that wait as cards, the others as a table."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from dunning.records.queries.cases.filter import CaseFilter
from dunning.records.queries.partner.requests import (
    RequestPage,
    RequestRow,
    count_requests,
    count_waiting,
    find_requests,
)
from dunning.web.lists.cursors import Paged, read_cursor
from dunning.web.lists.filters import parse_filter, write_filter
from dunning.web.words.partner_lines import label_state
from dunning.web.words.step_labels import label_reason

PATH = "/admin/requests"
ORDER = "requests"
ASKER_LABELS = {"vendor": _l("Vendor"), "support": _l("Support for the vendor"), "system": _l("System")}


@dataclass(frozen=True)
class RequestList(Paged):
    """What the template draws."""

    wanted: CaseFilter
    page: RequestPage
    count: int
    waiting_count: int
    first: int

    @property
    def waiting(self) -> list[RequestRow]:
        return [row for row in self.page.rows if row.state == "waiting"]

    @property
    def decided(self) -> list[RequestRow]:
        return [row for row in self.page.rows if row.state != "waiting"]

    @property
    def shown(self) -> RequestPage:
        return self.page

    @property
    def total(self) -> int:
        return self.count

    @property
    def order(self) -> str:
        return ORDER

    def link(self, *pairs: tuple[str, str]) -> str:
        return PATH + write_filter(self.wanted, *pairs)


def build_request_list(session: Session, args: MultiDict[str, str]) -> RequestList:
    """The page a query string asks for. BadFilter for what cannot be understood."""
    wanted = CaseFilter(per=parse_filter(args).per)
    cursor = read_cursor(args, ORDER)
    page = find_requests(session, wanted.per, cursor.place if cursor else None)
    first = cursor.first_row(len(page.rows)) if cursor else 1
    return RequestList(wanted, page, count_requests(session), count_waiting(session), first)


def label_asker(row: RequestRow) -> str:
    """Who asked."""
    return str(ASKER_LABELS[row.asked_by])


def label_wish(row: RequestRow) -> str:
    """Why: the vendor's own words, or the system's reason in the reader's."""
    return label_reason(row.reason) if row.asked_by == "system" else row.reason


def label_stage(row: RequestRow) -> str:
    """The partner's legal stage; one we do not know as it is called there."""
    return label_state("legal_stage", row.legal_stage)
