"""A vendor's page in words."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext as _l

from dunning.actions.people.change_settings import scheme_locked_until
from dunning.desk import Desk
from dunning.links import STAFF_LINKS
from dunning.records.queries.vendors.vendor import MailState, VendorFile
from dunning.rules.statuses import HANDED_OVER, STORED
from dunning.rules.terms import CaseStatus
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day, write_moment
from dunning.web.words.history_labels import HistoryRow, write_history
from dunning.web.words.settings import Words, describe_settings

REMAINDER_LABELS = {
    "forgive_small": _l("Forgive small remainders"),
    "forgive": _l("Always forgive"),
    "pursue": _l("Pursue"),
}
ROLE_OF_STATE = {"failed": "bad", "in_doubt": "wait", "done": "good", "superseded": "off"}


@dataclass(frozen=True)
class StatusLine:
    """How many cases are in a status, and where they are listed."""

    status: CaseStatus
    cases: int
    url: str


@dataclass(frozen=True)
class MailLine:
    """What became of a mail, with the outbox's list it stands in while a person has to look."""

    hue: str
    text: str
    outbox: str


@dataclass(frozen=True)
class VendorView:
    """Everything the page shows."""

    file: VendorFile
    desk: Desk

    @property
    def settings(self) -> list[Words]:
        """Each setting with its value."""
        settings = self.file.vendor.settings
        words = describe_settings(settings)
        if settings.incasso_review:
            words[0] = Words(words[0].text, _("the vendor reviews each case"))
        words.append(Words(_("Remainder of fees and interest"), str(REMAINDER_LABELS[settings.remainder])))
        until = scheme_locked_until(settings, self.desk.policy, self.desk.today)
        if until:
            words.append(Words(_("Option can be changed"), _("from %(day)s", day=write_day(until))))
        return words

    @property
    def statuses(self) -> list[StatusLine]:
        """Only those with cases, in the order of a case's life."""
        counts, vendor_id = self.file.by_status, self.file.vendor.id
        return [
            StatusLine(key, counts[key], STAFF_LINKS.cases(vendor=vendor_id, status=key))
            for key in STORED
            if counts.get(key)
        ]

    @property
    def at_partner(self) -> int:
        """How many cases the partner works on now."""
        return self.file.by_status.get(HANDED_OVER, 0)

    @property
    def invitation(self) -> MailLine | None:
        return self._describe_mail(self.file.invitation)

    @property
    def reset(self) -> MailLine | None:
        return self._describe_mail(self.file.reset)

    @property
    def changes(self) -> list[HistoryRow]:
        """Newest first."""
        return write_history(reversed(self.file.changes), staff=True)

    def _describe_mail(self, mail: MailState | None) -> MailLine | None:
        if mail is None:
            return None
        moment = write_moment(mail.since)
        text = {
            "done": _("accepted by the mail server, %(moment)s", moment=moment),
            "failed": _("not delivered: %(error)s", error=mail.error),
            "in_doubt": _("in doubt since %(moment)s", moment=moment),
            "superseded": _("not sent: the vendor is not active"),
        }.get(mail.state, _("on its way since %(moment)s", moment=moment))
        lists = (
            url_for("admin_mail.show_mail", state=mail.state, vendor=self.file.vendor.id)
            if mail.state in ("failed", "in_doubt")
            else ""
        )
        return MailLine(ROLE_OF_STATE.get(mail.state, "run"), text, lists)
