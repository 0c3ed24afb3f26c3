"""What stands above a vendor's cases: the settings, and how fresh the data is."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dunning.records.journal import Heartbeat, RunDay
from dunning.records.people import IncassoSettings

PARTNER = "partner"  # the name under which an exchange with the partner is noted


@dataclass(frozen=True)
class VendorHead:
    """`updated_at`: the last exchange with the partner, before the first one the last day's run."""

    settings: IncassoSettings
    updated_at: dt.datetime | None


def read_head(session: Session, vendor_id: int) -> VendorHead | None:
    """Both in one statement; None for an unknown vendor."""
    exchanged = select(Heartbeat.at).where(Heartbeat.name == PARTNER).scalar_subquery()
    played = select(func.max(RunDay.finished_at)).scalar_subquery()
    query = select(IncassoSettings, func.coalesce(exchanged, played))
    found = session.execute(query.where(IncassoSettings.user_id == vendor_id)).one_or_none()
    return VendorHead(found[0], found[1]) if found else None
