"""Passwords: argon2id, and a comparison that takes as long for an unknown account as for a wrong password."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from dunning.records.people import User
from dunning.rules.common_passwords import COMMON_PASSWORDS

SHORTEST, LONGEST = 8, 256

hasher = PasswordHasher()


class WeakPassword(ValueError):
    """The password is too short, too long or a common one; the message names the rule."""


class CommonPassword(WeakPassword):
    """The password is one of those that are tried first."""


def hash_password(password: str) -> str:
    """The argon2id hash to keep. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"a password has {SHORTEST} to {LONGEST} characters")
    if password.lower() in COMMON_PASSWORDS:
        raise CommonPassword("this password is among the thousand commonest")
    return hasher.hash(password)


def find_user(session: Session, email: str, password: str) -> User | None:
    """The active user with this address and password; None without a hint which of the two is wrong."""
    question = select(User).where(User.email == email.strip().lower()).options(joinedload(User.vendor))
    user = session.scalar(question)
    proven = matches_hash(user.password_hash if user else stand_in(), password[:LONGEST])
    return user if user and user.active and proven else None


def matches_hash(kept: str, password: str) -> bool:
    """True when the password belongs to the kept hash."""
    try:
        return hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def stand_in() -> str:
    """A hash that nobody's password has, to compare with when there is no such user."""
    return hasher.hash("nobody has this one")
