"""Reading queues as their room shows them, and looking for songs to wish for."""

from __future__ import annotations

from rooms.song_requests.requests import STANDING_QUEUE, UNDECIDED, RequestStatus
from rooms.song_requests.views import Place, view_of
from server.field_problems import FieldProblem
from server.problems import invalid, not_found
from server.room_calls import RoomCalls
from server.security.identity import Identity
from server.song_requests.schemas import SongChoice, SongChoicePage, SongRequestPage
from storage.song_requests.catalogue import LineUpCatalogue


class SongRequestReads:
    """Queues and what can be wished for. Wishing itself is a command of the room."""

    def __init__(self, calls: RoomCalls, catalogue: LineUpCatalogue) -> None:
        self._calls = calls
        self._catalogue = catalogue

    async def page(
        self,
        show_id: str,
        viewer: Identity | None,
        *,
        round_id: str | None,
        status: RequestStatus | None,
        cursor: str | None,
        limit: int,
    ) -> SongRequestPage:
        """A queue as the viewer may see it.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``, ``unknown_round``, or
                ``validation_failed`` for a cursor that names nothing.
        """
        queue = round_id or STANDING_QUEUE
        async with self._calls.look(show_id, viewer) as call:
            voted = call.has_voted(queue)
            places = call.room.board.places(queue, crew=call.is_crew, voted=voted)
            played = call.room.board.played()
        if places is None:
            raise not_found("round")
        # What the cursor names may have another status by now: its place is in the whole queue.
        rest = places[_behind(places, cursor) :] if cursor is not None else places
        wanted = [one for one in rest if status is None or one.request.status is status]
        items = [view_of(place, played) for place in wanted[:limit]]
        more = len(wanted) > limit
        return SongRequestPage(
            show_id=show_id,
            round_id=queue,
            items=items,
            waiting=sum(place.request.status in UNDECIDED for place in places),
            next_cursor=items[-1].song_request_id if more else None,
        )

    async def songs(
        self, show_id: str, viewer: Identity | None, text: str, limit: int
    ) -> SongChoicePage:
        """Songs of the line-up's catalogue with a text in their title."""
        async with self._calls.look(show_id, viewer) as call:
            played = call.room.board.played()
        found = await self._catalogue.find(show_id, text, limit)
        return SongChoicePage(
            items=[
                SongChoice(
                    song_id=song.song_id,
                    title=song.title,
                    already_played=played.has(song.song_id, song.title),
                )
                for song in found
            ]
        )


def _behind(places: list[Place], song_request_id: str) -> int:
    for number, place in enumerate(places, start=1):
        if place.request.song_request_id == song_request_id:
            return number
    raise invalid(FieldProblem("cursor", "invalid", "This is no cursor of this queue."))
