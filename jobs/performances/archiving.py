"""The effect ``archive_show``: what the room's log says was played, written as performances."""

from __future__ import annotations

import asyncio

import structlog

from jobs.performances.ports import Nights
from rooms.accuracy.confidence import EntryState
from rooms.accuracy.views import confidences
from rooms.outbox import Effect, EffectRefused
from rooms.performances.records import FinalSetlist, NotArchived
from rooms.ports import RoomLog, RoomRecord
from rooms.replica import Replica

log = structlog.get_logger(__name__)


def final_setlist(record: RoomRecord) -> FinalSetlist:
    """The setlist of a room that was loaded.

    What the artist sealed, or crew vouched for, was played whatever the ratings say.
    """
    replica = Replica(record)
    spoken = confidences(replica.state, replica.document)
    struck = (
        one.entry_id
        for one in spoken
        if one.state == EntryState.STRUCK and not one.confirmed_by_crew
    )
    sealed = (one.entry_id for one in spoken if one.sealed)
    return FinalSetlist(
        replica.head.seq, replica.document.entries(), frozenset(struck), frozenset(sealed)
    )


class ArchiveShows:
    """Handles ``archive_show``. Done again it writes the same."""

    def __init__(self, room_log: RoomLog, nights: Nights) -> None:
        self._room_log = room_log
        self._nights = nights

    async def __call__(self, effect: Effect) -> None:
        """Derives one show's performances.

        Raises:
            EffectRefused: there is no such show, or none that is archived.
        """
        show_id = effect.show_id or str(effect.payload.get("show_id"))
        record = await self._room_log.load(show_id)
        if record is None:
            raise EffectRefused("There is no such show.")
        # Reading hundreds of updates holds the interpreter: not in the event loop's thread.
        final = await asyncio.to_thread(final_setlist, record)
        try:
            derived = await self._nights.archive(show_id, final)
        except NotArchived:
            raise EffectRefused("The show is not archived.") from None
        if derived is not None:
            log.info(
                "show_archived",
                show_id=show_id,
                performances=len(derived.performances),
                reviews=len(derived.reviews),
                left_out=len(final.entries) - len(derived.performances),
            )
