"""What stands on top of every page of the staff until it is over; nobody else is told."""

from flask import Flask
from flask_login import current_user

from dunning.records import db
from dunning.records.queries.outage import Outage, find_outage
from dunning.records.queries.run_days import find_day_ahead
from dunning.web.request.current import current_desk, current_person
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day


def add_alarms(app: Flask) -> None:
    """Gives templates `alarms()` and `mail_outage()`."""
    app.jinja_env.globals.update(alarms=list_alarms, mail_outage=find_mail_outage)


def is_told() -> bool:
    """Whether the reader is one of the staff."""
    return bool(current_user.is_authenticated and current_person().staff)


def find_mail_outage() -> Outage | None:
    """The mail server is away."""
    return find_outage(db.session()) if is_told() else None


def list_alarms() -> list[str]:
    """A sentence each, in the reader's language."""
    ahead = find_day_ahead(db.session(), current_desk().today) if is_told() else None
    if ahead is None:
        return []
    day = write_day(ahead)
    return [_("A clock was wrong: %(day)s was noted as played. It is played anew when it comes.", day=day)]
