"""Paper on its way, mails in doubt."""
