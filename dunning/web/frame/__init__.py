"""Puts the web part together: list of pages, who may what, headers, menu."""
