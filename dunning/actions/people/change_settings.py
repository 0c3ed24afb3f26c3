"""A vendor's settings: the scheme once in 30 days, everything else at any time. No open case moves."""

import datetime as dt

from dunning.actions.dossier.dossier import read_settings
from dunning.actions.dossier.history import note_vendor
from dunning.actions.dossier.refusals import NotFound, SettingsLocked
from dunning.desk import Desk
from dunning.records.people import IncassoSettings
from dunning.rules.gates import NOT_CHOSEN, Settings
from dunning.rules.policy import Policy
from dunning.work import Actor, Work, begin_work


def scheme_locked_until(settings: IncassoSettings, policy: Policy, today: dt.date) -> dt.date | None:
    """The local day from which the scheme can be changed again; None when it can be now. The first choice is free."""
    if settings.incasso_schema == NOT_CHOSEN or settings.schema_changed_on is None:
        return None
    free_again = settings.schema_changed_on + dt.timedelta(days=policy.limits.settings_lock_days)
    return free_again if today < free_again else None


def change_settings(
    vendor_id: int, wanted: Settings, actor: Actor, desk: Desk, *, override: bool = False
) -> None:
    """Writes the settings and one history row. `override`: the operator's way around the 30 days.

    Raises SettingsLocked for a scheme changed too early, NotFound.
    """
    with begin_work(desk, actor) as work:
        settings = work.session.get(IncassoSettings, vendor_id, with_for_update=True)
        if settings is None:
            raise NotFound(vendor_id)
        before = read_settings(settings)
        if wanted.scheme != before.scheme:
            until = scheme_locked_until(settings, desk.policy, desk.today)
            if until and not override:
                raise SettingsLocked(until)
            settings.schema_changed_on = desk.today
        settings.incasso_schema, settings.incasso_review = wanted.scheme, wanted.review
        settings.handover_threshold, settings.auto_chargebacks = wanted.threshold, wanted.auto_chargebacks
        settings.remainder = wanted.remainder
        if wanted != before:
            _note_settings(work, vendor_id, before, wanted)


def _note_settings(work: Work, vendor_id: int, before: Settings, wanted: Settings) -> None:
    changed = {
        name: [value, getattr(wanted, name)]
        for name, value in vars(before).items()
        if value != getattr(wanted, name)
    }
    note_vendor(work, vendor_id, "change_settings", **changed)
