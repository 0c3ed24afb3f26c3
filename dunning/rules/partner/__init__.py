"""What is handed over, in whose words, what its news mean, what may still be asked."""
