"""How a copy of a room's log knows that the log was brought back from a backup behind it.

A restore moves every room's ``state_version`` so far ahead that no turns could have. A node that
still holds the log of before finds its head wherever it looks next, at the latest when it appends:
its turn is lost to that head, and instead of taking over what is "missing" it gives its copy up.
"""

from __future__ import annotations

from typing import Final

from rooms.ports import Head

VERSION_LEAP: Final = 1_000_000_000
"""Added to ``state_version`` by a restore: more turns than a room takes in a lifetime."""


def is_another_log(known: Head, found: Head) -> bool:
    """Whether ``found`` is no continuation of ``known``: the log ends earlier, or it leapt."""
    return found < known or found.state_version - known.state_version >= VERSION_LEAP
