"""What the partner is asked and told after the handover: end, hold, answers, and whether it has heard."""
