"""The real clock. Whoever needs the instant asks here, once per decision, and hands it down."""

import datetime as dt


def read_now() -> dt.datetime:
    """The present instant, UTC."""
    return dt.datetime.now(dt.UTC)
