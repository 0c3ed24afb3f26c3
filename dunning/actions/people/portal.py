"""The partner's own portal: a vendor is invited once, and support can send the link that sets a new password there."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.dossier.history import note_vendor
from dunning.actions.dossier.refusals import NotFound
from dunning.actions.letters.send_step import Prepared
from dunning.actions.people.people import choose_language
from dunning.desk import Desk
from dunning.errand import Errand, Outgoing
from dunning.records.effects import Effect
from dunning.records.people import Vendor
from dunning.rules.letters.mails import PORTAL_INVITATION, PORTAL_RESET, PortalInvitation, PortalReset
from dunning.work import Actor, Work, begin_work

AGAIN_AFTER = dt.timedelta(minutes=1)


def invite_vendor(work: Work, vendor_id: int, order_id: str) -> None:
    """Puts the invitation with the vendor's first accepted claim, in its transaction; afterwards nothing.

    Of two claims accepted at the same moment one changes the row, and the mail's key is unique.
    """
    first = (Vendor.id == vendor_id, Vendor.portal_invited_at.is_(None))
    invited = update(Vendor).where(*first).values(portal_invited_at=work.now).returning(Vendor.id)
    if work.session.execute(invited).first() is None:
        return
    effects.put(
        work,
        Outgoing(
            kind=PORTAL_INVITATION,
            vendor_id=vendor_id,
            payload={"order_id": order_id},
            dedupe_key=f"{PORTAL_INVITATION}:{vendor_id}",
        ),
    )


def prepare_invitation(errand: Errand, desk: Desk) -> Prepared | None:
    """Where the portal is; None, and superseded, when the vendor is not active any more."""
    with begin_work(desk) as work:
        vendor = _find_reader(work, errand)
        if vendor is None:
            return None
        content = PortalInvitation(
            language=choose_language(work.session, vendor),
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
        with begin_work(desk, actor) as work:
            if work.session.get(Vendor, vendor_id) is None:
                raise NotFound(vendor_id)
            if _was_sent(work.session, vendor_id, desk.now):
                return False
            _put_reset(work, vendor_id)
            note_vendor(work, vendor_id, PORTAL_RESET)
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


def _put_reset(work: Work, vendor_id: int) -> None:
    effects.put(
        work,
        Outgoing(
            kind=PORTAL_RESET,
            vendor_id=vendor_id,
            dedupe_key=f"{PORTAL_RESET}:{vendor_id}:{work.now:%Y-%m-%dT%H:%M}",
        ),
    )


def prepare_portal_reset(errand: Errand, desk: Desk) -> Prepared | None:
    """The link that sets a new password there; None, and superseded, when the vendor is not active any more."""
    with begin_work(desk) as work:
        vendor = _find_reader(work, errand)
        if vendor is None:
            return None
        content = PortalReset(
            language=choose_language(work.session, vendor),
            vendor_name=vendor.name,
            partner_name=desk.policy.partner.name,
            reset_url=desk.policy.partner.portal_reset_url,
        )
        return Prepared(content, vendor.email, version=0)


def _find_reader(work: Work, errand: Errand) -> Vendor | None:
    vendor = work.session.get_one(Vendor, work.session.get_one(Effect, errand.id).vendor_id)
    if vendor.active:
        return vendor
    effects.supersede(work.session, errand, work.now, "vendor_inactive")
    return None
