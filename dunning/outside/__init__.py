"""The world outside: files in, mails and letters out, the partner. No clock, no tables, no pages."""
