"""The list of pages. A new one is a blueprint here and a line for each endpoint in `access`."""

from flask import Blueprint

from dunning.web import case_page, health, letters, settings

PAGES: tuple[Blueprint, ...] = (health.pages, case_page.pages, letters.pages, settings.pages)
