"""The panel of red and green points, its address form, the look-up of one order."""
