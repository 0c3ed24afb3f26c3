"""Who does it."""

from dataclasses import dataclass

from dunning.rules.statuses import SUPPORT, VENDOR
from dunning.rules.statuses import SYSTEM as SYSTEM_ROLE


@dataclass(frozen=True)
class Actor:
    """A person or the system. `form_key` is the one-time key of the form that asked, `location` its answer."""

    role: str
    user_id: int | None = None
    vendor_id: int | None = None
    form_key: str | None = None
    location: str = ""

    @property
    def side(self) -> str:
        """The column of the transition table: admins act as support."""
        return {"vendor": VENDOR, "support": SUPPORT, "admin": SUPPORT}.get(self.role, SYSTEM_ROLE)


SYSTEM = Actor("system")
