"""The commands (`flask …`). Standard output is for results, standard error for what a person should know."""

from flask import Flask

from dunning.cli import check, demo, intake, people, processes, run


def add_commands(app: Flask) -> None:
    """Registers every command group."""
    for command in (people.vendor, people.user, intake.intake, run.dunning, check.check, demo.demo):
        app.cli.add_command(command)
    for command in (processes.work, processes.clock):
        app.cli.add_command(command)
