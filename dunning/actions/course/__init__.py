"""What follows by itself: the next step, money allocated, a case back, an order stopped, effects withdrawn."""
