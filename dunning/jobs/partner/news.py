"""What the partner's webhooks are about is looked at; each is noted with what became of it."""

import datetime as dt

import structlog

from dunning.actions.at_partner.deliveries import list_new, note_delivery
from dunning.desk import Desk
from dunning.jobs.partner.look import look_at
from dunning.jobs.ways.line import PartnerPaused, open_line
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.outside.partner.port import Partner
from dunning.records.database import db
from dunning.records.queries.partner.looks import is_handover_under_way
from dunning.rules.partner.news import Subject, find_subject
from dunning.rules.terms import DeliveryState

log = structlog.get_logger()
# the poll has looked since
GIVEN_UP_AFTER = dt.timedelta(hours=1)

Verdict = tuple[DeliveryState, str]
DONE: Verdict = ("applied", "")
UNKNOWN_EVENT: Verdict = ("ignored", "an event we do not know")
NOT_OURS: Verdict = ("ignored", "no case of ours")
TOO_OLD: Verdict = ("ignored", "too old: the poll has looked since")


def follow_deliveries(client: Partner, desk: Desk) -> None:
    """Notes of each what became of it; several about the same are one look."""
    waiting = [
        (row.id, find_subject(row.event, row.body["data"]), row.received_at) for row in list_new(db.session())
    ]
    db.session.rollback()
    verdicts: dict[Subject, Verdict] = {}
    for delivery_id, subject, received_at in waiting:
        if subject is None:
            verdict = UNKNOWN_EVENT
        else:
            if subject not in verdicts:
                verdicts[subject] = judge(client, subject, desk)
            verdict = verdicts[subject]
        if verdict[0] == "new" and desk.now - received_at > GIVEN_UP_AFTER:
            verdict = TOO_OLD
        note_delivery(delivery_id, *verdict, desk.now)


def judge(client: Partner, subject: Subject, desk: Desk) -> Verdict:
    """Looks; what cannot be told yet stays new and is tried again by the clock.

    A webhook may be quicker than the answer to the call that caused it: while a handover is on its way, what is
    nobody's may become ours.
    """
    under_way = is_handover_under_way(db.session(), desk.now)
    db.session.rollback()
    try:
        with open_line(client, desk.now):
            found = look_at(client, subject, desk)
    except PartnerPaused as pause:
        return "new", str(pause)
    except PartnerUnavailable as error:
        return ("new" if error.away else "ignored"), str(error)
    except PartnerRefused as error:
        return "ignored", str(error)
    except Exception as error:  # the poll will find it as well and count it
        log.exception("news set aside", mandate_id=subject.mandate_id, claim_id=subject.claim_id)
        return "new", type(error).__name__
    if found:
        return DONE
    return ("new", "a handover is under way") if under_way else NOT_OURS
