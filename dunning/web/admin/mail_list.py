"""The e-mail outbox as the page draws it: four lists of one query string."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from dunning.records.queries.cases.filter import CaseFilter
from dunning.records.queries.letters.mails import (
    DOUBT,
    FAILED,
    SENT,
    WAITING,
    MailPage,
    count_mail,
    find_mail,
)
from dunning.rules.letters.mails import (
    HANDOVER_DIGEST,
    HOLD_REMINDER,
    PASSWORD_RESET,
    PORTAL_INVITATION,
    PORTAL_RESET,
)
from dunning.rules.partner.messages import (
    PARTNER_ANSWER,
    PARTNER_CANCEL,
    PARTNER_DISPUTE,
    PARTNER_HOLD,
    PARTNER_PAYMENT,
)
from dunning.rules.terms import EffectKind
from dunning.web.lists.cursors import Paged, read_cursor
from dunning.web.lists.filters import BadFilter, parse_filter, write_filter
from dunning.web.lists.saved_views import Chip, label_vendor
from dunning.web.request.texts import gettext as _
from dunning.web.words.step_labels import STEP_LABELS

PATH = "/admin/mail"
VIEWS = {DOUBT: _l("In doubt"), WAITING: _l("Waiting"), FAILED: _l("Failed"), SENT: _l("Sent")}
NAME = "state"
NOTICE_LABELS = {
    HANDOVER_DIGEST: _l("Cases ready for handover"),
    PASSWORD_RESET: _l("New password"),
    PORTAL_INVITATION: _l("Invitation to the partner's portal"),
    PORTAL_RESET: _l("New password for the partner's portal"),
    HOLD_REMINDER: _l("A hold ends soon"),
    PARTNER_HOLD: _l("To the partner: hold"),
    PARTNER_CANCEL: _l("To the partner: cancellation"),
    PARTNER_PAYMENT: _l("To the partner: money"),
    PARTNER_DISPUTE: _l("To the partner: dispute"),
    PARTNER_ANSWER: _l("To the partner: answer"),
}


@dataclass(frozen=True)
class MailTab:
    """One of the lists, with the number of mails in it."""

    label: str
    url: str
    current: bool
    count: int


@dataclass(frozen=True)
class MailList(Paged):
    """What the template draws."""

    view: str
    wanted: CaseFilter
    page: MailPage
    counts: Mapping[str, int]
    first: int

    @cached_property
    def tabs(self) -> list[MailTab]:
        return [
            MailTab(str(label), self.link(view=view), view == self.view, self.counts[view])
            for view, label in VIEWS.items()
        ]

    @property
    def count(self) -> int:
        return self.counts[self.view]

    @property
    def chips(self) -> list[Chip]:
        """Whose mails these are, when they are one vendor's."""
        if not self.wanted.vendor:
            return []
        everybody = PATH + write_filter(replace(self.wanted, vendor=None), (NAME, self.view))
        return [Chip(label_vendor(self.wanted.vendor), everybody)]

    @property
    def clear_url(self) -> str:
        return self.link(text="")

    @property
    def shown(self) -> MailPage:
        return self.page

    @property
    def total(self) -> int:
        return self.counts[self.view]

    @property
    def order(self) -> str:
        return f"mail-{self.view}"

    def link(self, *pairs: tuple[str, str], view: str = "", text: str | None = None) -> str:
        wanted = self.wanted if text is None else replace(self.wanted, text=text)
        return PATH + write_filter(wanted, (NAME, view or self.view), *pairs)


def build_mail_list(session: Session, args: MultiDict[str, str]) -> MailList:
    """The list a query string asks for. BadFilter for what cannot be understood."""
    asked = parse_filter(args, staff=True)
    wanted = CaseFilter(text=asked.text, vendor=asked.vendor, per=asked.per)
    counts = count_mail(session, wanted)
    # without a wish what needs a person
    view = args.get(NAME) or (FAILED if counts[FAILED] and not counts[DOUBT] else DOUBT)
    if view not in VIEWS:
        raise BadFilter(_("“%(value)s” is no value for “%(name)s”.", value=view[:40], name=NAME))
    cursor = read_cursor(args, f"mail-{view}")
    page = find_mail(session, view, wanted, cursor.place if cursor else None)
    first = cursor.first_row(len(page.rows)) if cursor else 1
    return MailList(view, wanted, page, counts, first)


def label_mail(kind: EffectKind) -> str:
    """What the mail is, in the reader's words."""
    return str({**STEP_LABELS, **NOTICE_LABELS}[kind])
