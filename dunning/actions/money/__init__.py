"""Payments recorded, matched, booked, taken back, reversed, decided by a person."""
