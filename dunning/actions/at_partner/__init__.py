"""The claim at the partner: handed over, its mandate, news, money, questions, end; the breaker."""
