"""A mail from content to receipt, over SMTP or into a file; bounces."""
