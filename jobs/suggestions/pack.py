"""Trains the models of ``data/`` on the whole of the shipped archives.

::

    python -m jobs.suggestions.pack [OUTPUT_FOLDER]

The same archives, code and libraries give the same bytes.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from jobs.archive.packaged import PackagedArchive, read_packaged
from jobs.suggestions.history import past_shows
from jobs.suggestions.train import SEED
from rooms.suggestions.training import train


def main(arguments: list[str]) -> int:
    """Trains and writes one model per shipped archive; returns the exit status."""
    output = Path(arguments[0]) if arguments else Path(__file__).with_name("data")
    output.mkdir(exist_ok=True)
    for name in PackagedArchive:
        shows = past_shows(read_packaged(name))
        started = time.perf_counter()
        payload = train(shows, SEED).to_bytes()
        (output / f"{name.value}.model.xz").write_bytes(payload)
        seconds = time.perf_counter() - started
        click.echo(f"{name.value}: {len(shows)} shows, {seconds:.1f} s, {len(payload)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
