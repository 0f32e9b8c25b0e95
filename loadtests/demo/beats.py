"""What happens in a night, beat by beat: the script is data, the performance acts on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beat:
    """Something that one fan does ``at_s`` seconds into the night."""

    at_s: float
    fan: int


@dataclass(frozen=True, slots=True)
class AddSong(Beat):
    """Writes a song down, rightly or not. ``double``: even if it is on the list already."""

    song: int
    title: str
    section: str
    segue: bool = False
    double: bool = False


@dataclass(frozen=True, slots=True)
class FixTitle(Beat):
    """Puts a title right."""

    song: int


@dataclass(frozen=True, slots=True)
class FixSection(Beat):
    """Moves a song to the set that it was played in."""

    song: int


@dataclass(frozen=True, slots=True)
class RemoveDouble(Beat):
    """Takes back one's own entry of a song that somebody else wrote down as well."""

    song: int


@dataclass(frozen=True, slots=True)
class Mishear(Beat):
    """Writes a song down that is not played, while ``song`` is."""

    song: int
    title: str


@dataclass(frozen=True, slots=True)
class TakeBackMisheard(Beat):
    """Takes it back."""

    song: int


@dataclass(frozen=True, slots=True)
class MarkPlaying(Beat):
    """Says that this song is being played."""

    song: int


@dataclass(frozen=True, slots=True)
class MarkSegue(Beat):
    """Draws the arrow: the song ran into the next one."""

    song: int


@dataclass(frozen=True, slots=True)
class LoseSignal(Beat):
    """The basement."""


@dataclass(frozen=True, slots=True)
class RegainSignal(Beat):
    """Back upstairs: the offline edits merge."""


@dataclass(frozen=True, slots=True)
class Say(Beat):
    """One chat line."""

    text: str


@dataclass(frozen=True, slots=True)
class React(Beat):
    """One reaction."""

    kind: str


@dataclass(frozen=True, slots=True)
class Announce(Beat):
    """A line from the crew; ``fan`` is not used."""

    text: str


@dataclass(frozen=True, slots=True)
class Wish(Beat):
    """Wishes for a song, in letters of one's own."""

    title: str


@dataclass(frozen=True, slots=True)
class Support(Beat):
    """Supports somebody's wish, or at times takes one's support back."""


@dataclass(frozen=True, slots=True)
class DecideWish(Beat):
    """The crew accepts or declines one wish; ``fan`` is not used."""


@dataclass(frozen=True, slots=True)
class PlayWish(Beat):
    """The crew says that a wished song is being played, or (``over``) was; ``fan`` is not used."""

    song: int
    over: bool


@dataclass(frozen=True, slots=True)
class Rate(Beat):
    """Says whether an entry is right. ``writer``: what that fan misheard during the song."""

    song: int
    writer: int | None = None


@dataclass(frozen=True, slots=True)
class Confirm(Beat):
    """The crew vouches for an entry; ``fan`` is not used."""

    song: int
