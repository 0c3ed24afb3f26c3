"""The ways out of the house, one set per thread, and the guarded line to the partner."""
