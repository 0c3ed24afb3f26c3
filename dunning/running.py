"""What the running app was made with, for pages, commands and jobs alike."""

from typing import cast

from flask import current_app

from dunning.settings import Settings


def current_settings() -> Settings:
    """The settings this app was made with."""
    return cast(Settings, current_app.config["SETTINGS"])
