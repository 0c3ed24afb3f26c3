"""The case table: rows, buttons, download."""
