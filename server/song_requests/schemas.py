"""Bodies of the calls about song requests."""

from __future__ import annotations

from msgspec import Struct

from rooms.states import SongRequestView


class SongRequestPage(Struct, frozen=True, omit_defaults=True):
    """Part of a queue: what is being played, the undecided requests in the order in which it is
    fair to play them, then what was decided, the latest first.

    ``round_id`` of ``""``: the show's standing queue. ``waiting`` counts all that are undecided.
    A queue moves while it is read: ``next_cursor`` goes on behind the last request of this page,
    wherever that stands by then.
    """

    show_id: str
    round_id: str
    items: list[SongRequestView]
    waiting: int
    next_cursor: str | None = None


class SongChoice(Struct, frozen=True, omit_defaults=True):
    """A song that one may wish for. ``already_played``: tonight."""

    song_id: str
    title: str
    already_played: bool = False


class SongChoicePage(Struct, frozen=True):
    """Songs of the line-up's catalogue, the likeliest first."""

    items: list[SongChoice]


class SongBookItem(Struct, frozen=True):
    """A song of the line-up. ``times``: how often its artist has played it, as far as is known."""

    song_id: str
    title: str
    times: int


class SongBookPage(Struct, frozen=True):
    """``GET /api/shows/{id}/songs`` without ``q`` and ``limit``: all that the line-up may play.

    What was played most comes first; at most 5,000. To be kept, and searched without a network."""

    items: list[SongBookItem]
