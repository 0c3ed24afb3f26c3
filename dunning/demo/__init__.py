"""Demonstration data: vendors, logins and some hundred orders, brought into every status by the real verbs."""
