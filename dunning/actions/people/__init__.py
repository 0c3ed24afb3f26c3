"""Vendors, logins, passwords, settings, and the mails that vendors get."""
