"""Log in, password, theme, a vendor’s own settings."""
