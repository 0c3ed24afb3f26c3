"""A vendor's settings in words, for whoever decides under them."""

from dataclasses import dataclass

from dunning.records.people import IncassoSettings
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_round
from dunning.web.words.labels import label_scheme


@dataclass(frozen=True)
class Words:
    """A part of the settings sentence; the value is set in bold."""

    text: str
    value: str


def describe_settings(settings: IncassoSettings) -> list[Words]:
    """The settings in one sentence."""
    limit = settings.handover_threshold
    if settings.incasso_review:
        handover = Words(_("Before dunning starts"), _("you review each case"))
    elif limit:
        handover = Words(_("Automatic handover"), _("over %(amount)s", amount=write_round(limit)))
    else:
        handover = Words(_("Automatic handover"), _("of all cases"))
    by_itself = _("automatic") if settings.auto_chargebacks else _("manual")
    option = Words(_("Dunning option"), label_scheme(settings.incasso_schema))
    return [handover, option, Words(_("Chargebacks"), by_itself)]
