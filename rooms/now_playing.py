"""What is being played, under the title that it has now."""

from __future__ import annotations

import msgspec

from rooms import events as ev
from rooms.states import NowPlaying


def renamed(playing: NowPlaying | None, data: ev.SetlistChanged) -> NowPlaying | None:
    """After an edit of the setlist; the same where it was about something else."""
    if playing is None:
        return None
    for change in data.entries:
        if change.entry_id == playing.entry_id and change.after and "title" in change.after:
            return msgspec.structs.replace(playing, title=change.after["title"])
    return playing
