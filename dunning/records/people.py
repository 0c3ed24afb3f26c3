"""Vendors, their settings, and the people who log in."""

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dunning.records.database import Base, Key
from dunning.rules.gates import REMAINDERS
from dunning.rules.terms import USER_ROLES, UserRole


class Vendor(Base):
    """Sells on the platform. The id is the platform's user ID, never one of ours."""

    __tablename__ = "vendors"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    name: Mapped[str]
    email: Mapped[str]
    vip: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    ipn_secret: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    # once per vendor, with its first accepted claim
    portal_invited_at: Mapped[dt.datetime | None]

    settings: Mapped["IncassoSettings"] = relationship(back_populates="vendor")


class IncassoSettings(Base):
    """What a vendor wants to happen; table and column names are those of support's existing look-up."""

    __tablename__ = "incasso_settings"
    __table_args__ = (
        CheckConstraint("incasso_schema between 0 and 3", name="schema"),
        CheckConstraint("handover_threshold >= 0", name="threshold"),
        CheckConstraint(f"remainder in {tuple(REMAINDERS)}", name="remainder"),
    )

    user_id: Mapped[int] = mapped_column(Key, ForeignKey("vendors.id"), primary_key=True, autoincrement=False)
    incasso_schema: Mapped[int] = mapped_column(default=0)
    incasso_review: Mapped[bool] = mapped_column(default=True)
    # cents; handed over by itself when the open principal is strictly greater; 0 = all
    handover_threshold: Mapped[int] = mapped_column(BigInteger, default=0)
    auto_chargebacks: Mapped[bool] = mapped_column(default=False)
    remainder: Mapped[str] = mapped_column(default="forgive_small")
    # local day of the last change of the scheme; it can be changed again 30 days later
    schema_changed_on: Mapped[dt.date | None]

    vendor: Mapped[Vendor] = relationship(back_populates="settings")


class User(Base):
    """Someone who logs in: for one vendor, or as support or admin for all."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(f"role in {USER_ROLES}", name="role"),
        CheckConstraint("(role = 'vendor') = (vendor_id is not null)", name="vendor_of_role"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # folded to lower case
    name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str]
    role: Mapped[UserRole]
    vendor_id: Mapped[int | None] = mapped_column(ForeignKey("vendors.id"), index=True)
    language: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]

    vendor: Mapped[Vendor | None] = relationship()


class LoginSession(Base):
    """A login that is alive until it ends, idles too long or gets too old: the cookie alone proves nothing."""

    __tablename__ = "login_sessions"
    __table_args__ = (Index(None, "user_id", "ended_at"),)

    # SHA-256 of the token in the cookie: a stolen table opens no session
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    user: Mapped[User] = relationship()


class FormKey(Base):
    """One-time key of a form that changes money or status: the second arrival is shown the first result."""

    __tablename__ = "form_keys"

    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    location: Mapped[str]
    created_at: Mapped[dt.datetime]
