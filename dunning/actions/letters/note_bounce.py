"""Notes that a mail came back. After a permanent bounce nothing is sent to the address any more: letters go by post."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from dunning.actions.dossier.dossier import Dossier, open_dossier, touch_order
from dunning.actions.dossier.history import note_receivable
from dunning.desk import Desk
from dunning.records.cases import Letter
from dunning.records.database import db
from dunning.records.effects import Effect
from dunning.records.orders import Buyer, Receivable
from dunning.work import Work, begin_work

LONGEST_REASON = 500


def note_bounce(reference: str, recipient: str, reason: str, desk: Desk, *, permanent: bool) -> None:
    """The mail with this reference came back, or else those to `recipient`; twice is idle, an unknown one nobody's.

    A temporary bounce is only noted. An address that has been corrected since the mail went out stays good.
    """
    effect_id = db.session.scalar(select(Effect.id).where(Effect.reference == reference))
    if effect_id is not None:
        _note_mail(effect_id, recipient, reason[:LONGEST_REASON], desk, permanent=permanent)
    elif permanent and recipient:
        _refuse_everywhere(recipient, reason[:LONGEST_REASON], desk)


def _note_mail(effect_id: int, recipient: str, reason: str, desk: Desk, *, permanent: bool) -> None:
    with begin_work(desk) as work:
        known = work.session.get_one(Effect, effect_id)
        # the receivable's lock comes first, as in every verb; a notice has none, and no history that could tell
        dossier = open_dossier(work.session, known.receivable_id) if known.receivable_id else None
        effect = work.session.get_one(Effect, effect_id, populate_existing=True)
        noted = effect.evidence.get("bounced")
        if noted == "permanent" or (noted and not permanent):
            return
        kind = "permanent" if permanent else "temporary"
        effect.evidence = {**effect.evidence, "bounced": kind, "bounce": reason}
        if dossier is None:
            return
        if permanent:
            _leave_to_post(work, dossier, effect, recipient)
        note_receivable(work, dossier, "mail_bounced", reason=reason, kind=effect.kind, bounce=kind)


def _leave_to_post(work: Work, dossier: Dossier, effect: Effect, recipient: str) -> None:
    """No further mail to this address; the letter counts as one that only the post carries."""
    letter = work.session.scalar(select(Letter).where(Letter.effect_id == effect.id))
    if letter is not None:
        letter.mailed_at = None
    if not recipient or _same(dossier.buyer.email, recipient):
        dossier.buyer.email_refused_at = dossier.buyer.email_refused_at or work.now
        touch_order(work.session, dossier)


def _refuse_everywhere(recipient: str, reason: str, desk: Desk) -> None:
    """Every order whose buyer has the address, one transaction each."""
    for receivable_id in _list_receivables(recipient):
        with begin_work(desk) as work:
            dossier = open_dossier(work.session, receivable_id)
            if dossier.buyer.email_refused_at is None and _same(dossier.buyer.email, recipient):
                dossier.buyer.email_refused_at = desk.now
                touch_order(work.session, dossier)
                note_receivable(work, dossier, "mail_bounced", reason=reason, bounce="permanent")


def _list_receivables(recipient: str) -> Sequence[int]:
    """Of every such order the first receivable."""
    query = (
        select(func.min(Receivable.id))
        .join(Buyer, Buyer.order_pk == Receivable.order_pk)
        .where(func.lower(Buyer.email) == recipient.strip().lower(), Buyer.email_refused_at.is_(None))
        .group_by(Buyer.order_pk)
        .order_by(Buyer.order_pk)
    )
    found: Iterable[int | None] = db.session.scalars(query)
    return [receivable_id for receivable_id in found if receivable_id is not None]


def _same(address: str, other: str) -> bool:
    return address.strip().lower() == other.strip().lower()
