"""The settings form: what was typed, checked and turned into settings; and what they would have meant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dunning.records.queries.vendors.settings import OpenedCase
from dunning.rules.cents import AmbiguousAmount, AmountError, format_number, parse_amount
from dunning.rules.gates import NOT_CHOSEN, REMAINDERS, SCHEMES, THRESHOLDS, Settings, choose_opening
from dunning.rules.statuses import AWAITING_APPROVAL
from dunning.web.request.texts import gettext as _

OWN = "own"
ON = "on"


@dataclass
class SettingsForm:
    """Typed values by field name, as strings, and errors by field name."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "SettingsForm":
        """The form of what is saved."""
        listed = settings.threshold in THRESHOLDS
        return cls(
            {
                "scheme": str(settings.scheme),
                "automatic": "" if settings.review else ON,
                "threshold": str(settings.threshold // 100) if listed else OWN,
                "threshold_own": "" if listed else format_number(settings.threshold),
                "auto_chargebacks": ON if settings.auto_chargebacks else "",
                "remainder": settings.remainder,
            }
        )

    @classmethod
    def typed(cls, form: Mapping[str, str], saved: Settings) -> "SettingsForm":
        """The form as it came in. Radio buttons that were not sent (locked, or never shown) keep what is saved."""
        values = cls.of(saved).values
        for name in ("scheme", "threshold", "threshold_own", "remainder"):
            values[name] = form.get(name, values[name]).strip()
        for name in ("automatic", "auto_chargebacks"):
            values[name] = ON if form.get(name) else ""
        return cls(values)

    def read(self, saved: Settings) -> Settings | None:
        """The settings wanted; None, with `errors`, when something cannot be understood."""
        wanted = Settings(
            scheme=self._read_scheme(saved),
            review=not self.values["automatic"],
            threshold=self._read_threshold(),
            auto_chargebacks=bool(self.values["auto_chargebacks"]),
            remainder=self._read_remainder(),
        )
        return None if self.errors else wanted

    def _read_scheme(self, saved: Settings) -> int:
        text = self.values["scheme"]
        scheme = int(text) if text in map(str, SCHEMES) else -1
        if scheme == -1 or (scheme == NOT_CHOSEN and saved.scheme != NOT_CHOSEN):
            self.errors["scheme"] = _("Choose one of the dunning options.")
        return scheme

    def _read_threshold(self) -> int:
        if self.values["threshold"] == OWN:
            return self._read_own()
        cents = {str(listed // 100): listed for listed in THRESHOLDS}.get(self.values["threshold"])
        if cents is None:
            self.errors["threshold"] = _("Choose one of the limits.")
        return cents or 0

    def _read_own(self) -> int:
        text = self.values["threshold_own"]
        try:
            cents = parse_amount(text)
        except AmbiguousAmount:
            self.errors["threshold_own"] = _(
                "“%(text)s” can mean two amounts. Write 1,234.00 or 1234.", text=text
            )
            return 0
        except AmountError:
            self.errors["threshold_own"] = _("This is not an amount. Write it like 1,234.56.")
            return 0
        if cents < 0:
            self.errors["threshold_own"] = _("The limit cannot be below zero.")
        return cents

    def _read_remainder(self) -> str:
        if self.values["remainder"] not in REMAINDERS:
            self.errors["remainder"] = _("Choose one of the rules.")
        return self.values["remainder"]


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
