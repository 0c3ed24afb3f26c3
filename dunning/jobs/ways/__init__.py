"""The ways out of the house, one set per thread, and the guarded lines to partner and mail server."""
