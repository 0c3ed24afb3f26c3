"""Which language a mail to a vendor is written in."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.records.people import User, Vendor
from dunning.rules.letters.mails import Language


def choose_language(session: Session, vendor: Vendor) -> Language:
    """What the person with the vendor's address has chosen; German unless said otherwise."""
    chosen = select(User.language).where(User.vendor_id == vendor.id, User.email == vendor.email.lower())
    return "en" if session.scalar(chosen) == "en" else "de"
