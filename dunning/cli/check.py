"""`flask check`: the invariants, and that every stored letter is the one that was sent."""

import datetime as dt
from collections.abc import Iterator

import click
from sqlalchemy import or_, select

from dunning.clock import read_now
from dunning.outside.storage import Storage, StorageError
from dunning.records.cases import Letter
from dunning.records.database import db
from dunning.records.queries.checks.invariants import list_violations
from dunning.records.queries.run_days import find_day_ahead
from dunning.running import current_settings

# every letter is read once in so many days, a new one every time
READ_WITHIN, NEW = 30, dt.timedelta(days=2)


@click.command("check")
@click.option("--all", "every", is_flag=True, help="Read every letter ever stored.")
def check(every: bool) -> None:
    """One line per violation; exit 1 if there is any.

    Letters are read on the two days after they were made, and then once in 30 days. A day that was noted before it
    came is told on standard error; in production it is a violation.
    """
    now, settings = read_now(), current_settings()
    violations = [
        *list_violations(db.session(), settings.policy, now),
        *check_letters(None if every else now),
    ]
    ahead = find_day_ahead(db.session(), settings.local_day(now))
    if ahead:
        line = f"run: {ahead} was noted before it came, it is played anew then; look after the clock"
        if settings.production:
            violations.append(line)
        else:
            click.echo(line, err=True)
    for line in violations:
        click.echo(line)
    if violations:
        raise SystemExit(1)


def check_letters(now: dt.datetime | None) -> Iterator[str]:
    """I9: the file of each letter that is due to be read at this instant, or of all, has the hash that was noted."""
    storage = Storage(current_settings().storage_url)
    query = select(Letter.id, Letter.sha256)
    if now is not None:
        todays = Letter.id % READ_WITHIN == now.date().toordinal() % READ_WITHIN
        query = query.where(or_(Letter.created_at > now - NEW, todays))
    for letter_id, sha256 in db.session.execute(query):
        try:
            storage.get(sha256)
        except (OSError, StorageError) as error:
            yield f"I9: letter {letter_id}: {error}"
