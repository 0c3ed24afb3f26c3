"""`python app.py`: everything on one machine, in one process tree."""

import contextlib
import fcntl
import os
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.client import HTTPException
from pathlib import Path

import click

from dunning.demo.people import LOGINS, PASSWORD
from dunning.machine.children import LaunchError, list_children, open_port
from dunning.machine.prepare import prepare_database
from dunning.machine.supervise import Supervisor
from dunning.settings import Settings, SettingsError

ANSWER_SECONDS = 1.0
INTERRUPTED = 130  # what a shell says after Ctrl-C


def launch() -> int:
    """Runs everything until it is told to stop; the exit status."""
    try:
        settings = Settings.from_environment(os.environ)
        with open_port(settings.host, settings.port) as web, lock_home(settings.home):
            children = list_children(settings, web)
            has_demo = prepare_database(settings, say)
            url = local_url(settings)
            greet = partial(greet_person, settings, url, has_demo=has_demo)
            Supervisor(children, say).run(partial(answers, f"{url}/readyz"), greet)
    except (SettingsError, LaunchError) as error:
        click.echo(f"mahnlauf: {error}", err=True)
        return 1
    except KeyboardInterrupt:  # while the database was being prepared
        return INTERRUPTED
    say("Everything has ended.")
    return 0


def say(line: str) -> None:
    """One line for whoever sits at the terminal."""
    click.echo(line)


@contextlib.contextmanager
def lock_home(home: Path) -> Iterator[None]:
    """Two of us in one folder would share a Redis. The lock ends with the process, however it ends."""
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LaunchError(f"DUNNING_HOME: {home} is in use by another `python app.py`") from error
        yield


def local_url(settings: Settings) -> str:
    """The address as this machine reaches it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def answers(url: str) -> bool:
    """Whether the address answers 200 soon."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - our own, http
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


def greet_person(settings: Settings, url: str, *, has_demo: bool) -> None:
    """What somebody needs who sees this for the first time."""
    say(f"Mahnlauf is ready: {url}")
    if has_demo:
        say(f"Demo logins, all with the password {PASSWORD}:")
        for login in LOGINS:
            say(f"  {login.email:<21} {login.name}")
    if not settings.smtp_url:
        say(f"Mails are written to {settings.home / 'mail'}")
    if not settings.partner_url:
        say(f"The sandbox partner's desk: {url}/sandbox")
    say("Ctrl-C ends everything.")
