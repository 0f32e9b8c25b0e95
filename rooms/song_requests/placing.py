"""Where a request that is played stands in the setlist."""

from __future__ import annotations

from collections.abc import Sequence

from crdt.schema import DEFAULT_SECTION, SetlistEntry
from rooms.catalogue.names import title_key
from rooms.song_requests.played import Played, of_tonight
from rooms.song_requests.requests import SongRequest


def entry_for(
    request: SongRequest,
    entries: Sequence[SetlistEntry],
    played: Played,
    playing: str | None,
    *,
    over: bool,
) -> SetlistEntry | None:
    """The entry of tonight's list that a request stands for; ``None``: there is none yet.

    The one it had before; the one that is being played; the first of the song that was not played.
    What was played already is taken only for a request that is over, too: one that begins now is
    a reprise, with an entry of its own.

    Args:
        entries: the setlist in playing order.
        playing: the entry that is being played.
        over: the request was played; otherwise it begins now.
    """
    tonight = of_tonight(entries)
    known = next((entry for entry in tonight if entry.id == request.entry_id), None)
    if known is not None:
        return known
    same = [entry for entry in tonight if _same(entry, request)]
    now = [entry for entry in same if entry.id == playing]
    ahead = [entry for entry in same if entry.id not in played.entry_ids]
    return next(iter([*now, *ahead, *(reversed(same) if over else ())]), None)


def place_next(
    entries: Sequence[SetlistEntry], was_playing: Sequence[str]
) -> tuple[str, str | None]:
    """(section, entry to stand behind) of what is played next.

    Behind what was named last as being played, so that what is planned stays behind it; where
    nothing was named, at the end of the list.
    """
    tonight = {entry.id: entry for entry in of_tonight(entries)}
    for entry_id in reversed(was_playing):
        if entry_id in tonight:
            return tonight[entry_id].section, entry_id
    return (next(reversed(tonight.values())).section if tonight else DEFAULT_SECTION), None


def _same(entry: SetlistEntry, request: SongRequest) -> bool:
    if entry.song_id and request.song_id:
        return entry.song_id == request.song_id
    return title_key(entry.title) == title_key(request.title)
