"""`flask check`: the invariants, and that every stored letter is the one that was sent."""

from collections.abc import Iterator

import click
from sqlalchemy import select

from dunning.clock import read_now
from dunning.outside.storage import Storage, StorageError
from dunning.records.cases import Letter
from dunning.records.database import db
from dunning.records.queries.checks.invariants import list_violations
from dunning.running import current_settings


@click.command("check")
def check() -> None:
    """One line per violation; exit 1 if there is any."""
    violations = [*list_violations(db.session(), current_settings().policy, read_now()), *check_letters()]
    for line in violations:
        click.echo(line)
    if violations:
        raise SystemExit(1)


def check_letters() -> Iterator[str]:
    """I9: the file of every letter has the hash that was noted."""
    storage = Storage(current_settings().storage_url)
    for letter_id, sha256 in db.session.execute(select(Letter.id, Letter.sha256)):
        try:
            storage.get(sha256)
        except (OSError, StorageError) as error:
            yield f"I9: letter {letter_id}: {error}"
