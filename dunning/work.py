"""One verb at work: its transaction, where it stands and who acts, in one object that is handed down."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import select

from dunning.desk import Desk
from dunning.records.database import OurSession, transaction
from dunning.records.people import FormKey
from dunning.rules.policy import Policy
from dunning.rules.statuses import SUPPORT
from dunning.rules.terms import Role, Side


@dataclass(frozen=True)
class Actor:
    """A person or the system. `form_key` is the one-time key of the form that asked, `location` its answer."""

    role: Role
    user_id: int | None = None
    vendor_id: int | None = None
    form_key: str | None = None
    location: str = ""

    @property
    def side(self) -> Side:
        """The column of the transition table: admins act as support."""
        return SUPPORT if self.role == "admin" else self.role


SYSTEM = Actor("system")


@dataclass(frozen=True)
class Work:
    """What a verb and all that follows from it have in hand. It ends with its transaction."""

    session: OurSession
    desk: Desk
    actor: Actor = SYSTEM

    @property
    def policy(self) -> Policy:
        return self.desk.policy

    @property
    def today(self) -> dt.date:
        """The local business day."""
        return self.desk.today

    @property
    def now(self) -> dt.datetime:
        """The instant, UTC."""
        return self.desk.now

    @property
    def by_system(self) -> "Work":
        """The same work, for what follows by itself whoever began it."""
        return replace(self, actor=SYSTEM)


@contextmanager
def begin_work(desk: Desk, actor: Actor = SYSTEM) -> Iterator[Work]:
    """One verb's `transaction()`.

    The actor's form counts once: a second arrival of it breaks the key's uniqueness (IntegrityError) before anything
    is read, and is shown the first result. What raises leaves the key unused: the form can be sent again.
    """
    with transaction() as session:
        if actor.form_key and actor.user_id:
            _note_form(
                session, FormKey(key=actor.form_key, user_id=actor.user_id, location=actor.location), desk
            )
        yield Work(session, desk, actor)


def _note_form(session: OurSession, form: FormKey, desk: Desk) -> None:
    """Somebody else's key counts as none: it says nothing about whose it is."""
    owner = session.scalar(select(FormKey.user_id).where(FormKey.key == form.key))
    if owner in (None, form.user_id):
        form.created_at = desk.now
        session.add(form)
        session.flush()
