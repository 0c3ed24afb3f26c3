"""The partner's own portal: a vendor is invited once, and support can send the link that sets a new password there."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.dossier.actor import Actor
from dunning.actions.dossier.history import note_form, note_vendor
from dunning.actions.dossier.refusals import NotFound
from dunning.actions.letters.send_step import Prepared
from dunning.actions.people.vendor_mail import choose_language
from dunning.desk import Desk
from dunning.effects import Errand
from dunning.records.database import transaction
from dunning.records.effects import Effect
from dunning.records.people import Vendor
from dunning.rules.letters.mails import PORTAL_INVITATION, PORTAL_RESET, PortalInvitation, PortalReset

AGAIN_AFTER = dt.timedelta(minutes=1)


def invite_vendor(session: Session, vendor_id: int, order_id: str, desk: Desk) -> None:
    """Puts the invitation with the vendor's first accepted claim, in its transaction; afterwards nothing.

    Of two claims accepted at the same moment one changes the row, and the mail's key is unique.
    """
    first = (Vendor.id == vendor_id, Vendor.portal_invited_at.is_(None))
    invited = update(Vendor).where(*first).values(portal_invited_at=desk.now).returning(Vendor.id)
    if session.execute(invited).first() is None:
        return
    effects.put(
        session,
        pinned=True,
        kind=PORTAL_INVITATION,
        vendor_id=vendor_id,
        payload={"order_id": order_id},
        dedupe_key=f"{PORTAL_INVITATION}:{vendor_id}",
        on_date=desk.today,
        now=desk.now,
    )


def prepare_invitation(errand: Errand, desk: Desk) -> Prepared | None:
    """Where the portal is; None, and superseded, when the vendor is not active any more."""
    with transaction() as session:
        vendor = _find_reader(session, errand, desk)
        if vendor is None:
            return None
        content = PortalInvitation(
            language=choose_language(session, vendor),
            vendor_name=vendor.name,
            partner_name=desk.policy.partner.name,
            portal_url=desk.policy.partner.portal_url,
            order_id=errand.payload["order_id"],
        )
        return Prepared(content, vendor.email, version=0)


def send_reset(vendor_id: int, actor: Actor, desk: Desk) -> bool:
    """Sends the vendor the portal's link for a new password and notes it. False when one was sent in the last minute.

    Raises NotFound.
    """
    try:
        with transaction() as session:
            if session.get(Vendor, vendor_id) is None:
                raise NotFound(vendor_id)
            if _was_sent(session, vendor_id, desk.now):
                return False
            note_form(session, actor, desk.now)
            _put_reset(session, vendor_id, desk)
            note_vendor(session, vendor_id, actor, PORTAL_RESET, desk)
    except IntegrityError:  # somebody else pressed the button at the same moment
        return False
    return True


def _was_sent(session: Session, vendor_id: int, now: dt.datetime) -> bool:
    lately = (
        Effect.vendor_id == vendor_id,
        Effect.kind == PORTAL_RESET,
        Effect.created_at > now - AGAIN_AFTER,
    )
    return session.scalar(select(Effect.id).where(*lately).limit(1)) is not None


def _put_reset(session: Session, vendor_id: int, desk: Desk) -> None:
    effects.put(
        session,
        pinned=True,
        kind=PORTAL_RESET,
        vendor_id=vendor_id,
        dedupe_key=f"{PORTAL_RESET}:{vendor_id}:{desk.now:%Y-%m-%dT%H:%M}",
        on_date=desk.today,
        now=desk.now,
    )


def prepare_portal_reset(errand: Errand, desk: Desk) -> Prepared | None:
    """The link of the portal's own page for a new password; None, and superseded, as above."""
    with transaction() as session:
        vendor = _find_reader(session, errand, desk)
        if vendor is None:
            return None
        content = PortalReset(
            language=choose_language(session, vendor),
            vendor_name=vendor.name,
            partner_name=desk.policy.partner.name,
            reset_url=desk.policy.partner.portal_reset_url,
        )
        return Prepared(content, vendor.email, version=0)


def _find_reader(session: Session, errand: Errand, desk: Desk) -> Vendor | None:
    vendor = session.get_one(Vendor, session.get_one(Effect, errand.id).vendor_id)
    if vendor.active:
        return vendor
    effects.supersede(session, errand, desk.now, "vendor_inactive")
    return None
