"""What every verb holds in hand: a receivable, its history and ledger, who acts, how it says no."""
