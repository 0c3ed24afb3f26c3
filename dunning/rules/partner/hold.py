"""A hold (Mahnstopp) of a claim at the partner: so many days at a time, the next one from the day after it ended."""

import datetime as dt

ONE_DAY = dt.timedelta(days=1)


def end_hold(today: dt.date, days: int, most: int) -> dt.date:
    """The last day of a hold that begins today. ValueError unless it is 1 to `most` days long."""
    if not 1 <= days <= most:
        raise ValueError(f"a hold is 1 to {most} days long, not {days}")
    return today + dt.timedelta(days)


def is_held(until: dt.date | None, today: dt.date) -> bool:
    """Whether a hold runs today; its last day belongs to it."""
    return until is not None and today <= until


def is_reminded(started_on: dt.date, until: dt.date, today: dt.date, notice_days: int) -> bool:
    """Whether the vendor is reminded of the end by now. A hold no longer than the notice needs none."""
    notice = dt.timedelta(notice_days)
    return until - started_on > notice and until - notice <= today <= until
