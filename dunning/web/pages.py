"""The list of pages. A new one is a blueprint here and a line for each endpoint in `access`."""

from flask import Blueprint

from dunning.web import health

PAGES: tuple[Blueprint, ...] = (health.pages,)
