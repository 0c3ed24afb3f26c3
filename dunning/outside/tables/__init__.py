"""CSV in general: bytes to records to typed rows, every problem with row and column."""
