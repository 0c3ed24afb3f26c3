"""Run by Alembic for each command; the connection comes from `commands`, inside its transaction."""

from alembic import context

from dunning.migrations.schema import compare_options

context.configure(connection=context.config.attributes["connection"], **compare_options())
context.run_migrations()
