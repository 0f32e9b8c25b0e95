"""``setroom migrate``."""

import asyncio

import click

from server.cli.environment import load_settings, stores_for
from server.cli.errors import CommandError


@click.command()
def migrate() -> None:
    """Apply the database migrations that are missing."""
    asyncio.run(_migrate())


async def _locate_venues(database_url: str) -> None:
    """Venues that are older than the gazetteer: a second for thousands, nothing after that."""
    from storage.catalogue.located_venues import PostgresVenues
    from storage.database import open_database

    database = await open_database(
        database_url, application_name="setroom migrate", connections_max=1
    )
    try:
        located = await PostgresVenues(database.pool).locate()
    finally:
        await database.close()
    if located:
        click.echo(f"{located} venues have found their places")


async def _migrate() -> None:
    from storage import migrate as migrations

    async with stores_for(load_settings(), click.echo) as settings:
        try:
            applied = await migrations.migrate(settings.database_url.reveal(), click.echo)
        except (migrations.MigrationError, OSError) as error:
            raise CommandError(str(error)) from None
        await _locate_venues(settings.database_url.reveal())
    click.echo(f"applied: {', '.join(applied)}" if applied else "nothing to do: up to date")
