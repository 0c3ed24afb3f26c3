"""What support typed to change a case: values as they came, errors by field name."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from dunning.actions.case.block import REASONS
from dunning.rules.statuses import BLOCKED, STORED
from dunning.web.request.texts import gettext as _

FIELDS = ("status", "reason", "request", "until", "note", "text", "resolved")
LONGEST = 2_000


@dataclass
class SupportForm:
    """One of the forms of the support card; `kind` is the last part of its address."""

    kind: str = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, kind: str, sent: Mapping[str, str]) -> "SupportForm":
        """Without the blanks around; far too long a text is cut."""
        return cls(kind, {name: sent.get(name, "").strip()[:LONGEST] for name in FIELDS})

    @property
    def until(self) -> dt.date | None:
        """The last day of the block, local."""
        return dt.date.fromisoformat(self.values["until"]) if self.values["until"] else None

    def check(self, today: dt.date) -> bool:
        """Whether it can be understood; asks for no more than its kind needs."""
        if self.kind == "status":
            self._check_status()
        elif self.kind == "block":
            self._check_block(today)
        elif self.kind == "dispute":
            self._check_text()
        return not self.errors

    def _check_status(self) -> None:
        if self.values["status"] not in STORED:
            self.errors["status"] = _("Choose a status.")
        elif self.values["status"] == BLOCKED:
            self._check_reason()

    def _check_reason(self) -> None:
        if self.values["reason"] not in REASONS:
            self.errors["reason"] = _("Choose a reason.")

    def _check_block(self, today: dt.date) -> None:
        self._check_reason()
        try:
            past = self.until is not None and self.until < today
        except ValueError:
            self.errors["until"] = _("This is not a date. Write it like 2026-12-31.")
        else:
            if past:
                self.errors["until"] = _("This day is over.")

    def _check_text(self) -> None:
        if not self.values["text"] and not self.values["resolved"]:
            self.errors["text"] = _("Write down what the buyer says.")
