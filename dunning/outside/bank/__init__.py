"""Camt.053 and MT940 to one kind of entry; which format a file is."""
