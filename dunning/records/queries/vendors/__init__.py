"""A vendor for support, the head of its table, its settings page."""
