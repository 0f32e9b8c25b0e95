"""Another clock for a process: libfaketime, which a file tells by how much, while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/local/lib/faketime/libfaketimeMT.so.1",
)


def library() -> Path | None:
    """Where libfaketime is; ``None``: the package ``libfaketime`` is not installed."""
    return next((path for path in map(Path, _LIBRARIES) if path.exists()), None)


class Skew:
    """A clock that is moved by hand.

    Args:
        file: readable by whom it is for; holds the offset.
    """

    def __init__(self, file: Path, seconds: float = 0.0) -> None:
        self._file = file
        self.set(seconds)

    def set(self, seconds: float) -> None:
        """From within a second on, the process's clock is so far ahead (or behind)."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+.3f}s\n")
        fresh.chmod(0o644)
        fresh.replace(self._file)

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables of a process with this clock. Durations stay true: only dates are moved."""
        found = library()
        if found is None:
            raise FileNotFoundError("libfaketime is not installed")
        return {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }
