"""Query string to filter and back, pages of a list, saved views."""
