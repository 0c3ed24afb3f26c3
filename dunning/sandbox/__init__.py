"""Another house that runs here: a partner with tables, page and API of its own."""
