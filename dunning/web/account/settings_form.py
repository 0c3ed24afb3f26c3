"""The settings form: what was typed, checked and turned into settings; and what they would have meant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dunning.records.queries.vendors.settings import OpenedCase
from dunning.rules.cents import format_number
from dunning.rules.gates import NOT_CHOSEN, REMAINDERS, SCHEMES, THRESHOLDS, Settings, choose_opening
from dunning.rules.statuses import AWAITING_APPROVAL
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _

OWN = "own"
ON = "on"
BOXES = ("automatic", "auto_chargebacks")


def fill_settings(settings: Settings) -> Form:
    """The form of what is saved."""
    listed = settings.threshold in THRESHOLDS
    return Form(
        values={
            "scheme": str(settings.scheme),
            "automatic": "" if settings.review else ON,
            "threshold": str(settings.threshold // 100) if listed else OWN,
            "threshold_own": "" if listed else format_number(settings.threshold),
            "auto_chargebacks": ON if settings.auto_chargebacks else "",
            "remainder": settings.remainder,
        }
    )


def type_settings(sent: Mapping[str, str], saved: Settings) -> Form:
    """The form as it came in. Radio buttons that were not sent (locked, or never shown) keep what is saved."""
    kept = fill_settings(saved).values | dict.fromkeys(BOXES, "")
    return Form.typed("", {name: sent.get(name, text) for name, text in kept.items()}, kept)


def read_wanted(form: Form, saved: Settings) -> Settings | None:
    """The settings wanted; None, with `errors`, when something cannot be understood."""
    wanted = Settings(
        scheme=_read_scheme(form, saved),
        review=not form.values["automatic"],
        threshold=_read_threshold(form),
        auto_chargebacks=bool(form.values["auto_chargebacks"]),
        remainder=form.choose("remainder", REMAINDERS, _("Choose one of the rules.")),
    )
    return None if form.errors else wanted


def _read_scheme(form: Form, saved: Settings) -> int:
    """Once chosen it cannot be unchosen."""
    offered = {
        str(scheme): scheme for scheme in SCHEMES if saved.scheme == NOT_CHOSEN or scheme != NOT_CHOSEN
    }
    chosen = form.choose("scheme", offered, _("Choose one of the dunning options."))
    return offered.get(chosen, NOT_CHOSEN)


def _read_threshold(form: Form) -> int:
    listed = {str(cents // 100): cents for cents in THRESHOLDS}
    chosen = form.choose("threshold", (*listed, OWN), _("Choose one of the limits."))
    return _read_own(form) if chosen == OWN else listed.get(chosen, 0)


def _read_own(form: Form) -> int:
    cents = form.read_cents(
        "threshold_own",
        wrong=_("This is not an amount. Write it like 1,234.56."),
        ambiguous=_(
            "“%(text)s” can mean two amounts. Write 1,234.00 or 1234.", text=form.values["threshold_own"]
        ),
    )
    if cents is not None and cents < 0:
        form.refuse("threshold_own", _("The limit cannot be below zero."))
    return cents or 0


@dataclass(frozen=True)
class Share:
    """How many cases, and their amounts in cents."""

    count: int = 0
    cents: int = 0

    def plus(self, cents: int) -> "Share":
        return Share(self.count + 1, self.cents + cents)


@dataclass(frozen=True)
class Bar:
    """A part of the picture: where it begins, how wide it is, how it is filled."""

    x: float
    width: float
    fill: str


@dataclass(frozen=True)
class WhatIf:
    """How the latest cases would have opened: by themselves to the end, stopping before the handover, or waiting."""

    automatic: Share = Share()
    at_handover: Share = Share()
    at_approval: Share = Share()

    @property
    def total(self) -> int:
        return self.automatic.count + self.at_handover.count + self.at_approval.count

    @property
    def bars(self) -> list[Bar]:
        """The shares as parts of a bar of 300 units."""
        fills = ((self.automatic, "f-acc"), (self.at_handover, "f-acc o5"), (self.at_approval, "f-wait"))
        bars, x = [], 0.0
        for share, fill in fills:
            width = 300 * share.count / self.total
            if width:
                bars.append(Bar(round(x, 2), round(max(width - 2, 1), 2), fill))
            x += width
        return bars


def play_settings(settings: Settings, cases: Iterable[OpenedCase]) -> WhatIf:
    """The gates of a case's opening, asked for each of the vendor's latest cases."""
    shares = {"automatic": Share(), "at_handover": Share(), "at_approval": Share()}
    for case in cases:
        opening = choose_opening(
            settings, open_principal=case.amount, charged_back=case.charged_back, start_points_green=True
        )
        if opening.status == AWAITING_APPROVAL:
            name = "at_approval"
        else:
            name = "automatic" if opening.consent == "automatic" else "at_handover"
        shares[name] = shares[name].plus(case.amount)
    return WhatIf(**shares)
