"""What every command begins with: the settings, and stores to work on."""

import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from server.cli.errors import CommandError
from server.secret import Secret
from server.settings import Settings, SettingsError, read_settings
from storage.embedded import EmbeddedStoreError, EmbeddedStores, StoreUrls, running_stores
from storage.embedded.files import write_durably

SECRET_KEY_NAME = "secret_key"


def load_settings(**overrides: object) -> Settings:
    """The settings of this process, from its environment and the command line.

    Raises:
        CommandError: they cannot be used; one line per problem.
    """
    try:
        return read_settings(os.environ, **overrides)
    except SettingsError as error:
        raise CommandError("\n".join(error.problems)) from None


def with_stores(settings: Settings, urls: StoreUrls) -> Settings:
    """The settings, completed with the addresses of embedded stores and the folder's key."""
    key = settings.secret_key or Secret(_folder_key(settings.data_dir))
    return msgspec.structs.replace(
        settings,
        database_url=Secret(urls.database_url),
        redis_url=Secret(urls.redis_url),
        secret_key=key,
    )


@asynccontextmanager
async def stores_for(
    settings: Settings, progress: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Settings]:
    """Settings whose stores run: the configured ones, those of a running ``setroom up`` on the
    same data folder, or embedded ones that are started for this command and stopped after it.

    Raises:
        CommandError: embedded stores cannot run.
    """
    if not settings.is_embedded:
        yield settings
        return
    running = running_stores(settings.data_dir)
    if running is not None:
        yield with_stores(settings, running)
        return
    stores = EmbeddedStores(settings.data_dir, progress=progress)
    try:
        urls = await stores.start()
        yield with_stores(settings, urls)
    except EmbeddedStoreError as error:
        raise CommandError(str(error)) from None
    finally:
        await stores.stop()


def _folder_key(data_dir: Path) -> str:
    """The key that signs this folder's tokens, made at its first start."""
    path = data_dir / SECRET_KEY_NAME
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        key = secrets.token_urlsafe(48)
        write_durably(path, key)
        return key
