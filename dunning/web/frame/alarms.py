"""What stands on top of every staff page until it is over: the house itself is not well."""

from flask import Flask

from dunning.records import db
from dunning.records.queries.run_days import find_day_ahead
from dunning.web.request.current import current_desk
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day


def add_alarms(app: Flask) -> None:
    """Gives templates `alarms()`."""
    app.jinja_env.globals.update(alarms=list_alarms)


def list_alarms() -> list[str]:
    """A sentence each, in the reader's language."""
    ahead = find_day_ahead(db.session(), current_desk().today)
    if ahead is None:
        return []
    day = write_day(ahead)
    return [_("A clock was wrong: %(day)s was noted as played. It is played anew when it comes.", day=day)]
