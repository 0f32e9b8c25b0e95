"""Makes the packed archives of ``data/`` from the originals.

::

    python -m jobs.archive.pack FOLDER_OF_ORIGINALS [OUTPUT_FOLDER]

The same originals give the same bytes (of the same liblzma).
"""

from __future__ import annotations

import lzma
import sys
from pathlib import Path

import click

from jobs.archive.load import read_archive_file
from jobs.archive.packaged import PackagedArchive
from rooms.catalogue.archive import Archive
from rooms.catalogue.packed import write_packed


def pack(archive: Archive) -> bytes:
    """The packed form, compressed as small as xz can."""
    return lzma.compress(write_packed(archive), preset=9 | lzma.PRESET_EXTREME)


def main(arguments: list[str]) -> int:
    """Packs every shipped archive; returns the exit status."""
    if len(arguments) not in (1, 2):
        click.echo("usage: python -m jobs.archive.pack ORIGINALS [OUTPUT]", err=True)
        return 2
    originals = Path(arguments[0])
    output = Path(arguments[1]) if len(arguments) == 2 else Path(__file__).with_name("data")
    for name in PackagedArchive:
        archive = read_archive_file(originals / f"{name.value}.jsonl")
        packed = pack(archive)
        (output / f"{name.value}.jsonl.xz").write_bytes(packed)
        click.echo(f"{name.value}: {len(archive.shows)} shows, {len(packed)} bytes")
        for reason, count in archive.report.counts.items():
            click.echo(f"  {reason.value}: {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
