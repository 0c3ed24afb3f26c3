"""Unplaced payments, candidates for them, overpaid receivables."""
