"""Another house that runs here: a partner with tables, clock, page and API of its own."""
