"""The commands (`flask …`). Standard output is for results, standard error for what a person should know."""

from flask import Flask

from dunning.cli import check, demo, intake, letters, partner, people, processes, run


def add_commands(app: Flask) -> None:
    """Registers every command group."""
    for group in (
        people.vendor,
        people.user,
        intake.intake,
        run.dunning,
        letters.letters,
        demo.demo,
        partner.partner,
    ):
        app.cli.add_command(group)
    for command in (check.check, processes.work, processes.clock):
        app.cli.add_command(command)
