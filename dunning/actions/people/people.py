"""Vendors and users, added by the operator; a vendor's privilege, by support; the language of its mails."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning.actions.dossier.history import note_vendor
from dunning.actions.dossier.refusals import NotFound
from dunning.desk import Desk
from dunning.records.people import IncassoSettings, User, Vendor
from dunning.rules.letters.mails import Language
from dunning.rules.terms import UserRole
from dunning.work import Actor, begin_work


class Exists(Exception):
    """There is one with this id or e-mail already."""


def add_vendor(
    vendor_id: int, name: str, email: str, desk: Desk, *, vip: bool = False, ipn_secret: str | None = None
) -> None:
    """A vendor with settings that start nothing: no scheme chosen, every order reviewed. Raises Exists."""
    with begin_work(desk) as work:
        if work.session.get(Vendor, vendor_id):
            raise Exists(f"vendor {vendor_id} exists")
        vendor = Vendor(
            id=vendor_id,
            name=name,
            email=email,
            vip=vip,
            active=True,
            ipn_secret=ipn_secret,
            created_at=desk.now,
        )
        work.session.add(vendor)
        work.session.flush()
        work.session.add(IncassoSettings(user_id=vendor_id))


def change_vip(vendor_id: int, vip: bool, actor: Actor, desk: Desk) -> None:
    """Whether the vendor's cancellation requests go straight to the partner. What is so already is idle.

    Raises NotFound.
    """
    with begin_work(desk, actor) as work:
        other = (Vendor.id == vendor_id, Vendor.vip.is_(not vip))
        changed = work.session.execute(
            update(Vendor).where(*other).values(vip=vip).returning(Vendor.id)
        ).first()
        if changed is None and work.session.get(Vendor, vendor_id) is None:
            raise NotFound(vendor_id)
        if changed:
            note_vendor(work, vendor_id, "make_vip" if vip else "end_vip")


def add_user(
    email: str,
    password_hash: str,
    role: UserRole,
    desk: Desk,
    *,
    vendor_id: int | None = None,
    name: str = "",
) -> None:
    """A login. Several users may belong to one vendor; a role other than vendor has none. Raises Exists, NotFound."""
    email = email.strip().lower()
    with begin_work(desk) as work:
        if vendor_id is not None and work.session.get(Vendor, vendor_id) is None:
            raise NotFound(vendor_id)
        if work.session.scalar(select(User.id).where(User.email == email)):
            raise Exists(f"user {email} exists")
        work.session.add(
            User(
                email=email,
                name=name,
                password_hash=password_hash,
                role=role,
                vendor_id=vendor_id,
                active=True,
                created_at=desk.now,
            )
        )


def choose_language(session: Session, vendor: Vendor) -> Language:
    """What mails to a vendor are written in: what the person with its address has chosen, or else German."""
    chosen = select(User.language).where(User.vendor_id == vendor.id, User.email == vendor.email.lower())
    return "en" if session.scalar(chosen) == "en" else "de"
