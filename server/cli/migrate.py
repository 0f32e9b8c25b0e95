"""``setroom migrate``."""

import asyncio

import click

from server.cli.environment import load_settings, stores_for
from server.cli.errors import CommandError


@click.command()
def migrate() -> None:
    """Apply the database migrations that are missing."""
    asyncio.run(_migrate())


async def _migrate() -> None:
    from storage import migrate as migrations

    async with stores_for(load_settings(), click.echo) as settings:
        try:
            applied = await migrations.migrate(settings.database_url.reveal(), click.echo)
        except (migrations.MigrationError, OSError) as error:
            raise CommandError(str(error)) from None
    click.echo(f"applied: {', '.join(applied)}" if applied else "nothing to do: up to date")
