"""The list of pages. A new one is a blueprint here and a line for each endpoint in `access`."""

from flask import Blueprint

from dunning.web import case_actions, case_page, cases, health, letters, settings

PAGES: tuple[Blueprint, ...] = (
    health.pages,
    cases.pages,
    case_actions.pages,
    case_page.pages,
    letters.pages,
    settings.pages,
)
