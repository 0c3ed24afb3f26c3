"""A forgotten password: a link by mail that works once and for an hour, and what it opens.

The link carries the user, the hour it was made and a fingerprint of the password it replaces, signed; nothing of it is
kept. A password that has changed since, by this link or otherwise, makes it worthless.
"""

import datetime as dt
import hashlib
import secrets
from typing import cast

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.letters.send_step import Prepared
from dunning.actions.people.passwords import hash_password
from dunning.desk import Desk
from dunning.errand import Errand, Outgoing
from dunning.records.database import transaction
from dunning.records.people import LoginSession, User
from dunning.rules.letters.mails import PASSWORD_RESET, Language, PasswordReset
from dunning.work import begin_work

VALID_FOR = dt.timedelta(minutes=60)


class LinkExpired(Exception):
    """The link is too old, was used, or was never ours."""


def ask_reset(email: str, language: str, desk: Desk) -> None:
    """Sends the link when an active account has this address; does nothing otherwise, and says nothing of it."""
    with begin_work(desk) as work:
        user = work.session.scalar(select(User).where(User.email == email.strip().lower(), User.active))
        if user is None:
            return
        effects.put(
            work,
            Outgoing(
                kind=PASSWORD_RESET,
                vendor_id=user.vendor_id,
                payload={"user_id": user.id, "language": user.language or language},
                dedupe_key=f"{PASSWORD_RESET}:{user.id}:{secrets.token_hex(8)}",
            ),
        )


def prepare_reset(errand: Errand, desk: Desk, public_url: str, secret: str) -> Prepared | None:
    """The mail with a link made at this moment; None, and superseded, when the user is gone."""
    with begin_work(desk) as work:
        user = work.session.get_one(User, errand.payload["user_id"])
        if not user.active:
            effects.supersede(work.session, errand, desk.now, "user_inactive")
            return None
        language: Language = "en" if errand.payload["language"] == "en" else "de"
        token = write_token(user, secret, desk.now)
        content = PasswordReset(
            language=language,
            reset_url=f"{public_url}/password/reset/{token}",
            minutes=int(VALID_FOR.total_seconds()) // 60,
        )
        return Prepared(content, user.email, version=0)


def write_token(user: User, secret: str, now: dt.datetime) -> str:
    """The token of a link, made at `now`."""
    return str(_signer(secret).dumps([user.id, _fingerprint(user), int(now.timestamp())]))


def find_holder(session: Session, token: str, secret: str, now: dt.datetime) -> User:
    """Whose password the token may set. Raises LinkExpired."""
    try:
        user_id, fingerprint, made_at = cast(tuple[int, str, int], _signer(secret).loads(token))
    except (BadSignature, ValueError) as error:
        raise LinkExpired from error
    user = session.scalar(select(User).where(User.id == user_id, User.active))
    age = now - dt.datetime.fromtimestamp(made_at, dt.UTC)
    if user is None or age > VALID_FOR or not secrets.compare_digest(_fingerprint(user), fingerprint):
        raise LinkExpired
    return user


def reset_password(token: str, password: str, secret: str, now: dt.datetime) -> None:
    """Sets the password and ends every login of the user. Raises WeakPassword, LinkExpired; then nothing changes."""
    new_hash = hash_password(password)
    with transaction() as session:
        user = find_holder(session, token, secret, now)
        # of two that use the same link at once, one finds another hash
        seen = (User.id == user.id, User.password_hash == user.password_hash)
        changed = update(User).where(*seen).values(password_hash=new_hash).returning(User.id)
        if session.execute(changed).first() is None:
            raise LinkExpired
        alive = (LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
        session.execute(update(LoginSession).where(*alive).values(ended_at=now))


def _fingerprint(user: User) -> str:
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="password-reset")
