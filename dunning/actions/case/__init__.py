"""What people do with one case: Start, Cancel, Undo, reopen, block, hand over now, address, what the buyer says."""
