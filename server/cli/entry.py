"""The ``setroom`` command and its subcommands."""

import click

from server.cli.archive import load_archive
from server.cli.backup import backup, release_messages, restore, restored
from server.cli.doctor import doctor
from server.cli.migrate import migrate
from server.cli.people import create_user
from server.cli.serve import serve, worker
from server.cli.up import up


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="setroom", message="setroom %(version)s")
def main() -> None:
    """Setroom: the live room of every show.

    Settings come from the environment, prefix SETROOM_ (see docs/operations.md). With none, the
    stores are embedded and everything lives in the data folder.
    """


for command in (
    up,
    serve,
    worker,
    migrate,
    backup,
    restore,
    restored,
    release_messages,
    doctor,
    load_archive,
    create_user,
):
    main.add_command(command)
