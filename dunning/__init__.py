"""Mahnlauf: the receivables department of a shop platform. Start reading at `create_app`."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from dunning.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The web part and the `flask` commands. Settings not given come from the environment (SettingsError)."""
    # imported here: whoever needs only a rule, or renders a letter in a child process, does not load Flask
    from dunning.cli import add_commands
    from dunning.settings import Settings
    from dunning.web.frame import build_app

    app = build_app(settings or Settings.from_environment(os.environ))
    add_commands(app)
    return app
