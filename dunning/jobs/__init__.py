"""Carries effects out and applies the inbox. The database is the queue; a job's only argument is an effect's id."""

from dunning.jobs.carry.carry import carry_out
from dunning.jobs.inbox import apply_deliveries, apply_events, sync_partner

__all__ = ["apply_deliveries", "apply_events", "carry_out", "sync_partner"]
