"""Makes the things tests speak of: `a_vendor(name="…")`, `a_user(vendor=…)`. Each is one transaction."""

import datetime as dt
from itertools import count

from dunning.actions.passwords import hash_password
from dunning.records import transaction
from dunning.records.people import IncassoSettings, User, Vendor

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
PASSWORD_HASH = hash_password(PASSWORD)

numbers = count(1)


def a_vendor(vendor_id: int | None = None, name: str = "Kurs GmbH", **settings) -> int:
    """A vendor that chose scheme 2 and automatic, unless settings say otherwise; returns the id."""
    vendor_id = vendor_id or 79000 + next(numbers)
    chosen = {"incasso_schema": 2, "incasso_review": False} | settings
    with transaction() as session:
        session.add(Vendor(id=vendor_id, name=name, email=f"v{vendor_id}@example.com", created_at=NOW))
        session.flush()
        session.add(IncassoSettings(user_id=vendor_id, **chosen))
    return vendor_id


def a_user(role: str = "vendor", vendor_id: int | None = None, email: str = "", **columns) -> int:
    """Someone who logs in with PASSWORD; returns the id."""
    if role == "vendor" and vendor_id is None:
        vendor_id = a_vendor()
    email = email or f"u{next(numbers)}@example.com"
    row = User(email=email, role=role, vendor_id=vendor_id, password_hash=PASSWORD_HASH, **columns)
    row.created_at = NOW
    with transaction() as session:
        session.add(row)
        session.flush()
        return row.id
