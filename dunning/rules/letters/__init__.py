"""What letters and mails say, to whom, and what becomes of paper."""
