"""Who and what the present request is about, typed."""

import datetime as dt
from dataclasses import dataclass
from typing import cast

from flask import request
from flask_login import UserMixin, current_user

from dunning.clock import read_now
from dunning.desk import Desk
from dunning.records.people import User
from dunning.rules.terms import UserRole
from dunning.running import current_settings
from dunning.work import Actor

LONGEST_FORM_KEY = 100
ADMIN, SUPPORT, VENDOR = "admin", "support", "vendor"


@dataclass(frozen=True, eq=False)
class Person(UserMixin):
    """Who is logged in, copied out of the tables so that it outlives a verb's transaction."""

    id: int
    token: str
    role: UserRole
    email: str
    name: str
    language: str | None
    vendor_id: int | None
    vendor_name: str

    @classmethod
    def from_user(cls, user: User, token: str) -> "Person":
        """A copy of the row; `token` is the one in this person's cookie."""
        vendor = user.vendor
        return cls(
            id=user.id,
            token=token,
            role=user.role,
            email=user.email,
            name=user.name,
            language=user.language,
            vendor_id=user.vendor_id,
            vendor_name=vendor.name if vendor else "",
        )

    def get_id(self) -> str:
        """What Flask-Login keeps in the signed cookie: the session's token, not the user's id."""
        return self.token

    @property
    def staff(self) -> bool:
        """Support and admins see all vendors' cases, in the admin area only."""
        return self.role in (SUPPORT, ADMIN)

    @property
    def label(self) -> str:
        """What the menu is called: the vendor, or the person."""
        return self.vendor_name or self.name or self.email


def current_person() -> Person:
    """Who is logged in. For views that the access table keeps from strangers."""
    return cast(Person, current_user._get_current_object())


def current_actor(location: str) -> Actor:
    """The person as a verb's actor. `location` is what a second arrival of the same form is sent to."""
    person = current_person()
    return Actor(person.role, person.id, person.vendor_id, read_form_key(), location)


def current_desk() -> Desk:
    """Where this request stands. What a click sends waits a moment, so that the click can be undone."""
    settings = current_settings()
    delay = dt.timedelta(seconds=settings.policy.clicks.delay_seconds)
    return Desk.at(settings, read_now(), delay=delay)


def read_form_key() -> str | None:
    """The form's one-time key. One longer than ours counts as none: an index has room for short ones only."""
    key = request.form.get("form_key", "")
    return key if 0 < len(key) <= LONGEST_FORM_KEY else None
