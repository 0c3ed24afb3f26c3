"""Builds contents of mails for the tests: Anna's order, changed where a test says so."""

import datetime as dt
from typing import Any

from dunning.outside.mail.channel import build_message
from dunning.rules.letters.mails import (
    FirstLetterMail,
    HandoverDigest,
    HoldReminder,
    MailContent,
    PartnerRequest,
    PortalInvitation,
    PortalReset,
    ReminderContent,
    SecondLetterMail,
    UpcomingReminder,
    WaitingCase,
)
from dunning.rules.policy import load_policy

CREDITOR = load_policy().creditor
NOON = dt.datetime(2026, 9, 9, 12, 0, tzinfo=dt.UTC)
ORDER = {
    "language": "de",
    "buyer_name": "Anna Berger",
    "order_id": "M6B5zL7i",
    "order_date": dt.date(2026, 9, 4),
    "product_name": "Onlinekurs Bildbearbeitung",
    "vendor_name": "Kurs GmbH",
    "due_date": dt.date(2026, 9, 4),
    "open_cents": 149000,
    "rf_reference": "RF93M2026000042",
}
LETTER = {"letter_date": dt.date(2026, 9, 14), "deadline": dt.date(2026, 9, 23)}
TO_VENDOR = {"language": "de", "vendor_name": "Kurs GmbH", "partner_name": "Muster Inkasso GmbH"}


def a_reminder(**changes: Any) -> ReminderContent:
    known_until = dt.datetime(2026, 9, 8, 18, 0)  # noqa: DTZ001 - local time as it is printed
    return ReminderContent(**{**ORDER, "payments_known_until": known_until, **changes})


def an_upcoming_reminder(**changes: Any) -> UpcomingReminder:
    return UpcomingReminder(**{**ORDER, "rate_number": 2, "rates": 6, **changes})


def a_first_letter(**changes: Any) -> FirstLetterMail:
    return FirstLetterMail(**{**ORDER, **LETTER, **changes})


def a_second_letter(**changes: Any) -> SecondLetterMail:
    return SecondLetterMail(**{**ORDER, **LETTER, "partner_name": "Muster Inkasso GmbH", **changes})


def an_invitation(**changes: Any) -> PortalInvitation:
    portal = {"portal_url": "https://portal.example/login?lang=de&first=1", "order_id": "M6B5zL7i"}
    return PortalInvitation(**{**TO_VENDOR, **portal, **changes})


def a_portal_reset(**changes: Any) -> PortalReset:
    return PortalReset(**{**TO_VENDOR, "reset_url": "https://portal.example/password", **changes})


def a_digest(**changes: Any) -> HandoverDigest:
    case = WaitingCase(order_id="9aK2xQ01", waiting_since=dt.date(2026, 10, 7), outstanding_cents=49000)
    cases = {"cases": (case,), "total_cents": 49000, "cases_url": "https://mahnlauf.example/cases"}
    return HandoverDigest(**{**TO_VENDOR, **cases, **changes})


def a_hold_reminder(**changes: Any) -> HoldReminder:
    case = {"order_id": "M6B5zL7i", "until": dt.date(2026, 11, 30), "most_days": 42}
    return HoldReminder(**{**TO_VENDOR, **case, "case_url": "https://mahnlauf.example/cases/7", **changes})


def a_partner_request(**changes: Any) -> PartnerRequest:
    fields = {"language": "de", "partner_name": "Muster Inkasso GmbH", "file_number": "SB-000007"}
    request = {"what": "hold", "order_id": "M6B5zL7i", "until": dt.date(2026, 11, 30)}
    return PartnerRequest(**{**fields, **request, **changes})


def every_content(language: str) -> list[MailContent]:
    """One mail of each kind."""
    builders = (
        a_reminder,
        an_upcoming_reminder,
        a_first_letter,
        a_second_letter,
        an_invitation,
        a_portal_reset,
        a_digest,
        a_hold_reminder,
        a_partner_request,
    )
    return [build(language=language) for build in builders]


def a_message(content: MailContent | None = None, **changes: Any):
    """The built message; by default the payment reminder to Anna."""
    arguments = {
        "creditor": CREDITOR,
        "sender": "mahnung@mahnlauf.example",
        "recipient": "anna@example.org",
        "reference": "k3y-42",
        "date": NOON,
    }
    return build_message(content or a_reminder(), **{**arguments, **changes})
