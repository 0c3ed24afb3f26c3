"""What our mails say: one frozen dataclass per kind of mail, all amounts in cents, all days local.

The words around a content stand in letters/mail/<language>/<kind>.txt and .html.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["de", "en"]
HANDOVER_DIGEST: Final = "handover_digest"
PASSWORD_RESET: Final = "password_reset"  # noqa: S105 - the name of a mail
PORTAL_INVITATION: Final = "portal_invitation"
PORTAL_RESET: Final = "portal_reset"
HOLD_REMINDER: Final = "hold_reminder"


@dataclass(frozen=True, kw_only=True)
class BuyerMail:
    """The receivable a mail to a buyer speaks of. `rf_reference` is the creditor reference without blanks."""

    language: Language
    buyer_name: str
    order_id: str
    order_date: dt.date
    product_name: str
    vendor_name: str
    due_date: dt.date
    open_cents: int
    rf_reference: str
    rate_number: int = 1
    rates: int = 1


@dataclass(frozen=True, kw_only=True)
class UpcomingReminder(BuyerMail):
    """An instalment will fall due. `debited`: it is collected by itself, so the mail asks for no transfer."""

    kind: Literal["upcoming_reminder"] = "upcoming_reminder"
    debited: bool = False


@dataclass(frozen=True, kw_only=True)
class ReminderContent(BuyerMail):
    """The friendly payment reminder. `payments_known_until` is local time, without a zone."""

    kind: Literal["payment_reminder"] = "payment_reminder"
    payments_known_until: dt.datetime
    paid_cents: int = 0


@dataclass(frozen=True, kw_only=True)
class FirstLetterMail(BuyerMail):
    """The cover of the first letter's PDF; `open_cents` is the letter's total."""

    kind: Literal["first_letter"] = "first_letter"
    letter_date: dt.date
    deadline: dt.date


@dataclass(frozen=True, kw_only=True)
class SecondLetterMail(BuyerMail):
    """The cover of the second letter's PDF, which announces the handover to the partner."""

    kind: Literal["second_letter"] = "second_letter"
    letter_date: dt.date
    deadline: dt.date
    partner_name: str


@dataclass(frozen=True, kw_only=True)
class PortalInvitation:
    """To a vendor whose first case has reached the partner: where the partner's portal is."""

    kind: Literal["portal_invitation"] = "portal_invitation"
    language: Language
    vendor_name: str
    partner_name: str
    portal_url: str
    order_id: str


@dataclass(frozen=True, kw_only=True)
class PortalReset:
    """To a vendor who cannot get into the partner's portal: where a new password for it is set."""

    kind: Literal["portal_reset"] = "portal_reset"
    language: Language
    vendor_name: str
    partner_name: str
    reset_url: str


@dataclass(frozen=True, kw_only=True)
class WaitingCase:
    """A case in `ready_for_handover`, as the digest lists it: no buyer's name leaves by this mail."""

    order_id: str
    waiting_since: dt.date
    outstanding_cents: int


@dataclass(frozen=True, kw_only=True)
class HandoverDigest:
    """To a vendor, once a day: the cases that wait for Start, the first ones listed, all of them summed."""

    kind: Literal["handover_digest"] = "handover_digest"
    language: Language
    vendor_name: str
    partner_name: str
    cases_url: str
    cases: tuple[WaitingCase, ...]
    more: int = 0
    total_cents: int


@dataclass(frozen=True, kw_only=True)
class PasswordReset:
    """To somebody who logs in: the link that sets a new password once, within so many minutes."""

    kind: Literal["password_reset"] = "password_reset"
    language: Language
    reset_url: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class HoldReminder:
    """To a vendor: the hold of a case at the partner ends soon. `until` is its last day."""

    kind: Literal["hold_reminder"] = "hold_reminder"
    language: Language
    vendor_name: str
    partner_name: str
    order_id: str
    until: dt.date
    most_days: int
    case_url: str


@dataclass(frozen=True, kw_only=True)
class PartnerRequest:
    """To the partner, which has no call for it. `file_number` is the partner's own; `reason` in the asker's words."""

    kind: Literal["partner_request"] = "partner_request"
    language: Language
    what: str
    partner_name: str
    file_number: str
    order_id: str
    until: dt.date | None = None
    # of money: positive lowers the claim
    cents: int = 0
    value_date: dt.date | None = None
    reason: str = ""


MailContent = (
    UpcomingReminder
    | ReminderContent
    | FirstLetterMail
    | SecondLetterMail
    | PortalInvitation
    | PortalReset
    | HandoverDigest
    | HoldReminder
    | PartnerRequest
    | PasswordReset
)
