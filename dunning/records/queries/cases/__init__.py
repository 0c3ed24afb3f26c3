"""The case table, one case, what can be undone, what a day did."""
