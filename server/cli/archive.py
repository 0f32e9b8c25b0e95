"""``setroom load-archive``: real past shows into the database."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from server.cli.environment import load_settings, stores_for
from server.cli.errors import CommandError
from server.logging import configure_logging


@click.command("load-archive")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--packaged", is_flag=True, help="Load the archives that Setroom ships.")
def load_archive(file: Path | None, packaged: bool) -> None:
    """Load an archive of past shows; again without duplicates."""
    if packaged == (file is not None):
        raise click.UsageError("name a FILE, or say --packaged")
    asyncio.run(_load_packaged() if file is None else _load(file))


async def _load_packaged() -> None:
    from jobs.archive.packaged import PackagedArchive
    from server.cli.history import load_shipped
    from storage.migrate import migrate

    console = Console(highlight=False)
    wanted = load_settings()
    configure_logging(msgspec.structs.replace(wanted, log_level="warning"))
    async with stores_for(wanted, console.print) as settings:
        await migrate(settings.database_url.reveal())
        for name in PackagedArchive:
            begun = time.monotonic()
            with _bar(console) as bar:
                task = bar.add_task(name.value, total=None)
                written = await load_shipped(settings, name, _moving(bar, task))
            seconds = time.monotonic() - begun
            console.print(
                f"{name.value}: is there already"
                if written is None
                else f"{name.value}: {written.shows_new} new shows, "
                f"{written.performances_new} new performances in {seconds:.1f} s"
            )


def _moving(bar: Progress, task: TaskID) -> Callable[[int, int], None]:
    return lambda done, total: bar.update(task, completed=done, total=total)


async def _load(file: Path) -> None:
    from jobs.archive.load import ArchiveLoaded
    from jobs.archive.load import load_archive as load
    from rooms.catalogue.reading import UnknownArchiveError
    from storage.catalogue.archives import PostgresArchives
    from storage.database import open_database
    from storage.migrate import migrate

    console = Console(highlight=False)
    begun = time.monotonic()
    wanted = load_settings()
    # The bar and the report say it all; only trouble is worth a line between them.
    configure_logging(msgspec.structs.replace(wanted, log_level="warning"))
    async with stores_for(wanted, console.print) as settings:
        await migrate(settings.database_url.reveal())
        database = await open_database(settings.database_url.reveal())
        try:
            with _bar(console) as bar:
                task = bar.add_task("shows", total=None)
                loaded: ArchiveLoaded = await load(
                    file,
                    PostgresArchives(database.pool),
                    _moving(bar, task),
                )
        except UnknownArchiveError as error:
            raise CommandError(str(error)) from None
        finally:
            await database.close()
    _report(console, loaded, time.monotonic() - begun)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _report(console: Console, loaded: object, seconds: float) -> None:
    from jobs.archive.load import ArchiveLoaded

    assert isinstance(loaded, ArchiveLoaded)
    written = loaded.written
    console.print(
        f"{written.shows} shows ({written.shows_new} new), {written.performances} performances "
        f"({written.performances_new} new), {written.songs_new} new songs, "
        f"{written.venues_new} new venues, {written.tours_new} new tours in {seconds:.1f} s"
    )
    if not loaded.reading.counts:
        return
    table = Table("left out or repaired", "how often", "for example", box=None)
    for reason, count in sorted(loaded.reading.counts.items(), key=lambda item: -item[1]):
        examples = loaded.reading.examples.get(reason, [])
        table.add_row(str(reason), str(count), examples[0] if examples else "")
    console.print(table)
