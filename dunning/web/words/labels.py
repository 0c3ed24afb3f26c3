"""What the field's terms are called on pages, in English; translations/ has the German."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from markupsafe import Markup

from dunning.rules import statuses
from dunning.rules.statuses import Refused
from dunning.rules.terms import Status


@dataclass(frozen=True)
class StatusLook:
    """How a status is shown: its hue (`t-…` class), its icon, what vendors and what support call it."""

    hue: str
    icon: str
    vendor: object
    support: object


def same(hue: str, icon: str, label: object) -> StatusLook:
    """A status that vendors and support call the same."""
    return StatusLook(hue, icon, label, label)


STATUS_LOOKS: dict[Status, StatusLook] = {
    statuses.OVERDUE: same("wait", "cal", _l("Overdue")),
    statuses.AWAITING_APPROVAL: StatusLook("wait", "hands", _l("Waiting for approval"), _l("Locked")),
    statuses.RUNNING: same("run", "play", _l("Running")),
    statuses.READY_FOR_HANDOVER: same("wait", "flag", _l("Ready for handover")),
    statuses.HANDED_OVER: StatusLook("run", "arrow", _l("Collection started"), _l("Handed to collection")),
    statuses.BLOCKED: same("off", "pause", _l("Blocked")),
    statuses.PAID: same("good", "check", _l("Paid")),
    statuses.FAILED: StatusLook("bad", "bang", _lp("status", "Failed"), _lp("status for support", "Failed")),
    statuses.CANCELLED: same("off", "ban", _l("Terminated")),
    statuses.CLOSED: same("off", "x", _l("Closed")),
}
SCHEME_LABELS = {
    0: _l("Not chosen"),
    1: _l("Dunning + termination"),
    2: _l("Dunning + collection + termination"),
    3: _l("Dunning + collection + court dunning procedure"),
}
VERB_LABELS = {
    "start": _l("Start"),
    "cancel": _l("Cancel"),
    "block": _l("Block"),
    "unblock": _l("Unblock"),
    "reopen": _l("Reopen"),
    "undo_start": _l("Undo"),
    "reverse_payment": _l("Take a payment back"),
}
# the verbs of the table that Undo stands for
_UNDOING = ("undo_start", "reopen")


def label_status(status: Status, *, staff: bool = False) -> str:
    """The status in the reader's words; support has names of its own for some."""
    look = STATUS_LOOKS[status]
    return str(look.support if staff else look.vendor)


def label_status_filter(status: Status, *, staff: bool = False) -> str:
    """The status in the filter list, where running is called "in progress"."""
    return str(_("In progress")) if status == statuses.RUNNING else label_status(status, staff=staff)


def label_scheme(scheme: int) -> str:
    """The dunning option by its name, never by a letter."""
    return str(SCHEME_LABELS[scheme])


def describe_refusal(refused: Refused) -> str:
    """Why a change is refused: the present status, and what it allows."""
    staff = refused.actor != statuses.VENDOR
    status = label_status(refused.status, staff=staff) if refused.status else _("not yet a case")
    # what cannot be undone any more is not offered again
    tried = _UNDOING if refused.verb == "undo" else ()
    allowed = [
        str(VERB_LABELS[verb]) for verb in refused.allowed if verb in VERB_LABELS and verb not in tried
    ]
    if not allowed:
        return str(_("The case is “%(status)s”. Nothing can be done with it now.", status=status))
    verbs = ", ".join(allowed)
    return str(_("The case is “%(status)s”. Possible now: %(verbs)s.", status=status, verbs=verbs))


def draw_icon(url: str, name: str, classes: str = "i") -> Markup:
    """One icon of the sprite, for the eye only: words stand beside it."""
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(classes, url, name)
