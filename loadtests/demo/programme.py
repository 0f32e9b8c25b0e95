"""``demo.json``: where the demo runs and how a newcomer gets in as crew."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct


class Programme(Struct, frozen=True):
    """What the demo says about itself, for whoever started it."""

    url: str
    show_url: str
    crew_email: str
    crew_password: str
    join_code: str
    show_id: str = ""
    past_show_id: str = ""
    """The night that was played at high speed once, to look back at."""
    screen_url: str = ""
    stage_url: str = ""
    """The big screen and the stage, with their tokens."""


def read(file: Path | None) -> Programme | None:
    """The programme of an earlier start, or ``None``."""
    if file is None:
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Programme)
    except (OSError, msgspec.DecodeError):
        return None


def write(file: Path, programme: Programme) -> None:
    """Writes it in one step, readable by its owner alone: a password is in it."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(programme)))
    draft.replace(file)


def note_past_show(file: Path, show_id: str) -> None:
    """Remembers the night to look back at.

    Raises:
        FileNotFoundError: the live show is not written down yet.
    """
    told = read(file)
    if told is None:
        raise FileNotFoundError(file)
    write(file, msgspec.structs.replace(told, past_show_id=show_id))
