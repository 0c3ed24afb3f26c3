"""What the platform tells of an order, event by event, folded into one picture."""
