"""The vendors and logins of the demonstration; one password for all, because it guards nothing."""

from dataclasses import dataclass

from sqlalchemy import select

from dunning.actions.people.change_settings import change_settings
from dunning.actions.people.passwords import hash_password
from dunning.actions.people.people import add_user, add_vendor
from dunning.desk import Desk
from dunning.records.database import db
from dunning.records.people import User
from dunning.rules.gates import COLLECTION, COURT, Settings
from dunning.rules.terms import UserRole
from dunning.work import SYSTEM, Actor

PASSWORD = "mahnlauf-demo"  # noqa: S105 - printed for whoever tries the demo, refused in production
KURS, WERKSTATT = 79424, 81007

SETTINGS = {
    KURS: Settings(scheme=COLLECTION, review=False, threshold=10_000),
    WERKSTATT: Settings(scheme=COLLECTION, review=True),
}
# changed on the way: open cases keep the old option, and the page shows until when the new one is locked
CHANGED_DAYS_AGO, CHANGED = 12, Settings(scheme=COURT, review=True, remainder="forgive")


@dataclass(frozen=True)
class Login:
    """Somebody who can log in."""

    email: str
    name: str
    role: UserRole
    vendor_id: int | None = None


LOGINS = (
    Login("vendor@demo.example", "Kurs GmbH", "vendor", KURS),
    Login("vendor2@demo.example", "Werkstatt Beispiel GmbH", "vendor", WERKSTATT),
    Login("support@demo.example", "Support", "support"),
    Login("admin@demo.example", "Admin", "admin"),
)


def add_people(desk: Desk) -> None:
    """Two vendors with their settings, and the logins."""
    password_hash = hash_password(PASSWORD)
    for login in LOGINS:
        if login.vendor_id:
            add_vendor(login.vendor_id, login.name, login.email, desk, vip=login.vendor_id == KURS)
            change_settings(login.vendor_id, SETTINGS[login.vendor_id], SYSTEM, desk, override=True)
        add_user(login.email, password_hash, login.role, desk, vendor_id=login.vendor_id, name=login.name)


def find_actor(role: UserRole, vendor_id: int | None = None) -> Actor:
    """The actor behind a login."""
    login = next(one for one in LOGINS if one.role == role and vendor_id in (None, one.vendor_id))
    user_id = db.session.scalars(select(User.id).where(User.email == login.email)).one()
    return Actor(login.role, user_id, login.vendor_id)
