"""The mandate on a page, questions, requests, how new all that is."""
