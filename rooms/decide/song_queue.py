"""How the queue of a round begins."""

from __future__ import annotations

from rooms import limits
from rooms.catalogue.names import title_key
from rooms.commands import Envelope
from rooms.decide.draft import Draft
from rooms.events import SongRequested
from rooms.participants import SYSTEM
from rooms.ports import RoundRecord
from rooms.vote_config import VoteType


def begin(draft: Draft, envelope: Envelope, record: RoundRecord) -> None:
    """Makes requests of the options that a ``queue`` round opens with.

    They are nobody's wishes, so they take nobody's turn, and have no support yet. Two options of
    one title are one request.
    """
    if record.config.type is not VoteType.QUEUE:
        return
    titles: set[str] = set()
    for option in record.config.options:
        full = len(draft.state.memory.song_requests) >= limits.SONG_REQUESTS_MAX
        if full or title_key(option.label) in titles:
            continue
        titles.add(title_key(option.label))
        draft.emit(
            SongRequested(
                song_request_id=draft.new_id(),
                participant_id=SYSTEM.participant_id,
                display_name=envelope.participant.display_name,
                title=option.label,
                song_id=option.song_id,
                round_id=record.round_id,
            ),
            envelope,
        )
