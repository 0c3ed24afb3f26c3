"""Mahnlauf: the receivables department of a shop platform. Start reading at `create_app`."""

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from dunning.settings import Settings

CANNOT_LOAD = (
    4  # gunicorn's word for "stop": after any other status it would start the worker again and again
)


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The web part and the `flask` commands. Settings not given come from the environment; wrong ones end here."""
    # imported here: whoever needs only a rule, or renders a letter in a child process, does not load Flask
    gc.disable()  # loading makes a million objects and no garbage: a sixth of the time of a short command
    from dunning.cli import add_commands
    from dunning.web.frame.frame import build_app

    gc.enable()
    app = build_app(settings or read_settings())
    add_commands(app)
    return app


def read_settings() -> "Settings":
    """The environment's settings. When one is wrong the process ends with one line that names it."""
    from dunning.settings import Settings, SettingsError

    try:
        return Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"mahnlauf: {error}\n")
        raise SystemExit(CANNOT_LOAD) from error
