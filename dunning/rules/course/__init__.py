"""When which step is due, why not (points), what is to be done today, what is still to come."""
