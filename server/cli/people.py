"""``setroom create-user``: an account with a role, the first administrator above all."""

import asyncio
from datetime import UTC, datetime

import click

from rooms.participants import Role
from server.cli.environment import load_settings, stores_for
from server.cli.errors import CommandError


@click.command("create-user")
@click.option("--email", prompt="E-mail", help="Address to sign in with.")
@click.option("--name", help="Display name; the address's first part when not given.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default="fan", show_default=True
)
@click.password_option(help="Asked for when not given; arguments are visible to others.")
def create_user(email: str, name: str | None, role: str, password: str) -> None:
    """Create an account, with any role."""
    asyncio.run(_create(email, name, Role(role), password))


async def _create(email: str, name: str | None, role: Role, password: str) -> None:
    from rooms.accounts.ports import EmailTaken, NewAccount
    from server.accounts.addresses import normalised_email
    from server.security.passwords import Passwords, weakness
    from storage.accounts.accounts import PostgresAccounts
    from storage.database import open_database
    from storage.ids import uuid7
    from storage.migrate import migrate

    address = normalised_email(email)
    if address is None:
        raise CommandError(f"{email} is no e-mail address")
    weak = weakness(password, address)
    if weak:
        raise CommandError(weak)
    passwords = Passwords()
    async with stores_for(load_settings(), click.echo) as settings:
        await migrate(settings.database_url.reveal())
        database = await open_database(settings.database_url.reveal())
        try:
            account = await PostgresAccounts(database.pool).create(
                NewAccount(
                    account_id=str(uuid7()),
                    display_name=(name or address.partition("@")[0]).strip(),
                    role=role,
                    email=address,
                    password_hash=await passwords.hash(password),
                ),
                datetime.now(UTC),
            )
        except EmailTaken:
            raise CommandError(f"{address} has an account already") from None
        finally:
            passwords.close()
            await database.close()
    click.echo(f"created {account.role} {account.display_name} ({account.account_id})")
