"""The partner’s documented API: port, client, wire, answers, webhook, the talk of one handover."""
