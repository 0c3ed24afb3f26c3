"""What is owed and why: ledger to balance, claim to the cent, interest, costs, settlement, whose money it is."""
