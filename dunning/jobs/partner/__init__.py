"""Looking at the partner: poll, webhooks, days of files."""
