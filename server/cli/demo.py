"""What the demo show says about itself: ``demo.json`` in the data folder."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

WAIT_S = 60.0
POLL_S = 0.1


class DemoShow(msgspec.Struct, frozen=True):
    """Where the demo runs and how the newcomer gets in."""

    url: str
    show_url: str
    crew_email: str
    crew_password: str
    join_code: str
    screen_url: str = ""
    stage_url: str = ""


def path_in(data_dir: Path) -> Path:
    """The file that the demo writes once its show is open."""
    return data_dir / "demo.json"


def version_of(file: Path) -> int:
    """Tells one writing of ``file`` from the next; 0 while there is none."""
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


async def wait_for(file: Path, before: int, is_running: Callable[[], bool]) -> DemoShow | None:
    """Wait until ``file`` is written anew; None if that takes too long or the demo has ended."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline and is_running():
        show = _read(file) if version_of(file) != before else None
        if show is not None:
            return show
        await asyncio.sleep(POLL_S)
    return None


def _read(file: Path) -> DemoShow | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=DemoShow)
    except (OSError, msgspec.DecodeError):
        # Half written: the next look will find it whole.
        return None
