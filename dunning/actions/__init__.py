"""Verbs. Each opens one transaction, checks the rules in it, writes the change, its history row and its effects."""
