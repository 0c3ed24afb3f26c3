"""One carrier per kind of effect."""
