"""A collection agency without an API: a ZIP a day out, CSV in."""
