"""The processes of one machine: the commands of production, and what is embedded where no address is given."""

import errno
import os
import runpy
import secrets
import shutil
import socket
import sys
from functools import partial
from pathlib import Path

from dunning.machine.supervise import Child
from dunning.sandbox.client import SANDBOX_MARK
from dunning.settings import Settings

ROOT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"
LONGEST_SOCKET_PATH = 107  # of a unix socket, on Linux


class LaunchError(Exception):
    """It cannot be started; the message is one line for a person."""


def list_children(settings: Settings, web: socket.socket) -> list[Child]:
    """In the order they start. Raises LaunchError."""
    children = [
        Child("web", partial(serve_app, "app:app", web)),
        Child("worker", partial(run_command, "flask", "--app", "app", "work")),
        Child("clock", partial(run_command, "flask", "--app", "app", "clock")),
    ]
    if not settings.partner_url:
        children.insert(0, embed_sandbox(settings))
    if settings.redis_embedded:
        children.insert(0, embed_redis(settings))
    return children


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket; it outlives a web process that dies, so that nobody is turned away meanwhile."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        problem = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise LaunchError(f"{host}:{port} {problem}; choose another HOST or PORT") from error


def serve_app(target: str, listener: socket.socket) -> None:
    """gunicorn on a socket that is open already."""
    config = str(ROOT / "gunicorn.conf.py")
    run_command("gunicorn", "--config", config, "--bind", f"fd://{listener.fileno()}", target)


def run_command(*words: str) -> None:
    """`python -m words…`, in this process."""
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def embed_sandbox(settings: Settings) -> Child:
    """The sandbox partner on a free port; the others learn address, token and key from their environment."""
    listener = open_port(LOOPBACK, 0)
    os.environ["PARTNER_URL"] = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    if not settings.partner_token:
        os.environ["PARTNER_TOKEN"] = f"{SANDBOX_MARK}{secrets.token_urlsafe()}"
    if not settings.partner_webhook_secret:
        os.environ["PARTNER_WEBHOOK_SECRET"] = secrets.token_urlsafe()
    return Child("sandbox", partial(serve_app, "dunning.sandbox.app:create_app()", listener))


def embed_redis(settings: Settings) -> Child:
    """A small Redis on a socket in the home folder, without a port; it refuses rather than forgets."""
    path = settings.redis_url.removeprefix("unix://")
    if shutil.which("redis-server") is None:
        raise LaunchError("redis-server is not installed; run `make setup`, or give REDIS_URL")
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise LaunchError("DUNNING_HOME: the path is too long for a socket in it")
    folder = settings.home / "redis"
    folder.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": path,
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(folder / "redis.log"),
        "appendonly": "yes",
        "save": "",
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Child("redis", partial(become, "redis-server", *words), pillar=True)


def become(*words: str) -> None:
    """This process goes on as another program."""
    os.execvp(words[0], words)  # noqa: S606 - a fixed program of the system, found by PATH
