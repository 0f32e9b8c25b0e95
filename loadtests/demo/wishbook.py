"""What is wished for besides the songs of the night, and what the crew says to it."""

from __future__ import annotations

from loadtests.demo.stage import title_key

OTHER_WISHES: tuple[tuple[str, ...], ...] = (
    ("Friend Of The Devil", "freind of the devil", "FRIEND OF THE DEVIL!!"),
    ("Eyes Of The World", "eyes of the world", "Eyes of the Wrold"),
    ("Terrapin Station", "terrapin"),
    ("Sugaree", "sugaree please", "sugaree"),
    ("Ramble On Rose", "ramble on, rose"),
    ("Wharf Rat", "wharf rat"),
    ("Dark Star", "dark star"),
    ("Uncle John's Band", "uncle johns band"),
    ("Peggy-O", "peggy o"),
    ("Ripple", "ripple"),
    ("Free Bird", "freebird"),
    ("Happy Birthday for Birdie",),
    ("the new one from soundcheck",),
)
"""A song, and how others write it: catalogue and free text. Most of these never come."""

_DECLINED = {
    "Dark Star": "Not on this tour, sorry.",
    "Free Bird": "Wrong band, nice try.",
    "Terrapin Station": "The band wants to keep it for another night.",
}
_REASONS = {title_key(title): reason for title, reason in _DECLINED.items()}


def reason_against(title: str) -> str | None:
    """Why the crew declines this song tonight, or ``None``."""
    return _REASONS.get(title_key(title))
