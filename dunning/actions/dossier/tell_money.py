"""Money that moves while the partner has the claim is told to the partner, entry by entry; its own is not told back."""

from dunning.actions.dossier.dossier import Dossier, read_entry
from dunning.actions.dossier.tell_partner import is_with_partner, tell_partner
from dunning.records.orders import LedgerEntry
from dunning.rules.partner.messages import MoneyMessage, name_money
from dunning.rules.terms import PARTNER_SOURCE
from dunning.work import Work


def tell_money(work: Work, dossier: Dossier, entry: LedgerEntry, *, claim: str = "") -> None:
    """Puts the message of one new entry, cents as the partner counts: positive lowers the claim.

    Whatever the case's status: a paid one whose mandate has not ended is the partner's as well. `claim` is the
    reference of the one it comes after, for an entry that is not new.
    """
    kinds = {other.id: other.kind for other in dossier.entries if other.id}
    what = name_money(read_entry(entry, kinds).subject, entry.cents)
    if dossier.case is None or what is None or _comes_from_partner(dossier, entry):
        return
    if not is_with_partner(work.session, dossier.case):
        return
    work.session.flush()  # the entry's id names the message
    tell_partner(
        work,
        dossier.case,
        MoneyMessage(case_id=dossier.case.id, what=what, cents=-entry.cents, value_date=entry.value_date),
        key=f"{entry.id}:{claim}" if claim else str(entry.id),
        day=entry.value_date,
    )


def tell_later_money(work: Work, dossier: Dossier, claim: str) -> None:
    """With a claim of today: money that is booked already and dated later. It is no part of that claim."""
    for entry in list(dossier.entries):
        if entry.value_date > work.today:
            tell_money(work, dossier, entry, claim=claim)


def _comes_from_partner(dossier: Dossier, entry: LedgerEntry) -> bool:
    """Whether the partner told us of it, or of what it takes back."""
    reversed_sources = [
        other.source for other in dossier.entries if other.id and other.id == entry.reverses_id
    ]
    return PARTNER_SOURCE in (entry.source, *reversed_sources)
