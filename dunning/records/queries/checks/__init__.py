"""The promises that must hold (I1 to I11)."""
