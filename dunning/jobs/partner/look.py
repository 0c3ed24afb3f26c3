"""Looks at the partner: polling is the truth, a webhook only says where to look first.

Each mandate is taken over in a transaction of its own: one that fails is logged, counted and stops no other. A partner
that is away raises PartnerUnavailable; what was taken over by then stays.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import structlog

from dunning.actions.at_partner.questions import take_questions
from dunning.actions.at_partner.take_news import take_mandate, withdraw_acceptance
from dunning.actions.at_partner.wake_handovers import wake_handovers
from dunning.actions.heartbeats import note_heartbeat
from dunning.desk import Desk
from dunning.outside.partner.answers import ClaimAnswer, MandateAnswer, PartnerUnavailable
from dunning.outside.partner.port import Partner
from dunning.outside.partner.reading import read_mandate, read_question
from dunning.records.database import db, transaction
from dunning.records.queries.partner.looks import find_updated, list_open_mandates, note_checked
from dunning.records.queries.vendors.head import PARTNER
from dunning.rules.partner.handover import map_submission
from dunning.rules.partner.news import Subject

log = structlog.get_logger()
BATCH = 100


@dataclass
class Tally:
    """What a poll found: mandates listed, those with news, claims asked after, new questions, and what failed."""

    mandates: int = 0
    changed: int = 0
    reviewed: int = 0
    questions: int = 0
    failed: int = 0


def poll_partner(client: Partner, desk: Desk) -> Tally:
    """Looks at everything; notes the exchange when the partner answered to the end."""
    poll = _Poll(client, desk)
    poll.look_at_mandates()
    poll.look_for_withdrawn()
    poll.tally.reviewed = wake_handovers(desk.now)
    poll.look_for_questions()
    note_heartbeat(PARTNER, desk.now)
    return poll.tally


def look_at(client: Partner, subject: Subject, desk: Desk) -> bool:
    """Looks at what a webhook is about, at everything when it does not say. False when no case of ours is meant."""
    if subject.mandate_id:
        found = look_at_mandate(client, subject.mandate_id, desk)
    elif subject.claim_id:
        found = look_at_claim(client, client.get_claim(subject.claim_id), desk)
    else:
        poll_partner(client, desk)
        return True
    note_heartbeat(PARTNER, desk.now)
    return found


def look_at_mandate(client: Partner, mandate_id: str, desk: Desk) -> bool:
    """One mandate with its questions; False when it is not ours."""
    if not take_mandate(read_mandate(client.get_mandate(mandate_id)), desk):
        return False
    _take_questions(client, mandate_id, desk)
    return True


def look_at_new(client: Partner, mandate_id: str, desk: Desk) -> None:
    """A mandate that was just made: its balance is on the page at once. A failure costs nothing, the poll comes."""
    try:
        take_mandate(read_mandate(client.get_mandate(mandate_id)), desk)
        note_heartbeat(PARTNER, desk.now)
    except PartnerUnavailable as error:
        log.warning("new mandate not looked at", mandate_id=mandate_id, error=str(error))
    except Exception:
        log.exception("new mandate not looked at", mandate_id=mandate_id)


def look_at_claim(client: Partner, claim: ClaimAnswer, desk: Desk) -> bool:
    """A claim that is reviewed is asked after by its handover; an accepted one is its mandate."""
    found = wake_handovers(desk.now, claim.id) > 0
    state = map_submission(claim.submission_state)
    if state == "rejected":
        found = withdraw_acceptance(claim.id, claim.reasons, desk) or found
    elif state == "accepted" and claim.mandate:
        found = look_at_mandate(client, claim.mandate, desk) or found
    return found


def _take_questions(client: Partner, mandate_id: str, desk: Desk) -> int:
    return take_questions(mandate_id, [read_question(q) for q in client.list_questions(mandate_id)], desk)


class _Poll:
    """One poll, with what it has counted."""

    def __init__(self, client: Partner, desk: Desk) -> None:
        self.client, self.desk = client, desk
        self.tally = Tally()
        self.listed: set[str] = set()

    def look_at_mandates(self) -> None:
        """All mandates; only those the partner has changed since are taken over."""
        for batch in cut(self.client.list_mandates()):
            ids = {answer.id for answer in batch}
            known = find_updated(db.session(), ids)
            db.session.rollback()
            for answer in batch:
                if is_news(answer, known):
                    with self._guard(answer.id):
                        self.tally.changed += take_mandate(read_mandate(answer), self.desk)
            with transaction() as session:
                note_checked(session, ids, self.desk.now)
            self.listed |= ids
            self.tally.mandates += len(batch)

    def look_for_withdrawn(self) -> None:
        """A mandate that is not listed any more: its claim says whether the acceptance was withdrawn."""
        for mandate_id, claim_id in self._list_open():
            if mandate_id not in self.listed and claim_id:
                with self._guard(mandate_id):
                    look_at_claim(self.client, self.client.get_claim(claim_id), self.desk)

    def look_for_questions(self) -> None:
        """Of every mandate that is still the partner's: a new question need not change the mandate."""
        for mandate_id, _ in self._list_open():
            if mandate_id in self.listed:
                with self._guard(mandate_id):
                    self.tally.questions += _take_questions(self.client, mandate_id, self.desk)

    def _list_open(self) -> list[tuple[str, str]]:
        found = list_open_mandates(db.session())
        db.session.rollback()
        return found

    @contextmanager
    def _guard(self, mandate_id: str) -> Iterator[None]:
        """What is wrong with one mandate is logged and counted; a partner that is away ends the poll."""
        try:
            yield
        except PartnerUnavailable as error:
            if error.away:
                raise
            log.warning("mandate set aside", mandate_id=mandate_id, error=str(error))
            self.tally.failed += 1
        except Exception:
            log.exception("mandate set aside", mandate_id=mandate_id)
            self.tally.failed += 1


def is_news(answer: MandateAnswer, known: Mapping[str, dt.datetime | None]) -> bool:
    """Whether it has changed since we looked; one that does not say when is always looked at."""
    return answer.id not in known or answer.updated is None or known[answer.id] != answer.updated


def cut(answers: Iterable[MandateAnswer]) -> Iterator[list[MandateAnswer]]:
    """In batches, each read from the partner before anything is done with it."""
    rest = iter(answers)
    while batch := list(islice(rest, BATCH)):
        yield batch
