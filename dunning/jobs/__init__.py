"""Carries effects out. The database is the queue; a job's only argument is an effect's id."""

from dunning.jobs.carry import carry_out

__all__ = ["carry_out"]
