"""Logins as rows: begun with a fresh token, alive until ended, idle or old. A cookie alone proves nothing."""

import datetime as dt
import hashlib
import secrets

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from dunning.records import transaction
from dunning.records.people import LoginSession, User

IDLE_LIMIT = dt.timedelta(hours=12)
AGE_LIMIT = dt.timedelta(days=7)
NOTE_EVERY = dt.timedelta(minutes=10)  # reading pages writes no more often than this


def digest_token(token: str) -> str:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(user_id: int, now: dt.datetime) -> str:
    """A new login of this user; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        session.add(LoginSession(id=digest_token(token), user_id=user_id, created_at=now, seen_at=now))
    return token


def end_session(token: str, now: dt.datetime) -> None:
    """Ends one login; a copy of its cookie is dead from here on."""
    with transaction() as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == digest_token(token), LoginSession.ended_at.is_(None))
            .values(ended_at=now)
        )


def find_session(session: Session, token: str, now: dt.datetime) -> LoginSession | None:
    """The login this token opens, with its user and vendor; None when ended, idle, too old or disabled."""
    return session.scalar(
        select(LoginSession)
        .join(LoginSession.user)
        .options(joinedload(LoginSession.user).joinedload(User.vendor))
        .where(
            LoginSession.id == digest_token(token),
            LoginSession.ended_at.is_(None),
            LoginSession.seen_at > now - IDLE_LIMIT,
            LoginSession.created_at > now - AGE_LIMIT,
            User.active,
        )
    )


def note_seen(token: str, now: dt.datetime) -> None:
    """Keeps a login from idling out."""
    with transaction() as session:
        session.execute(
            update(LoginSession).where(LoginSession.id == digest_token(token)).values(seen_at=now)
        )
