"""Reading queues as their room shows them, and looking for songs to wish for."""

from __future__ import annotations

from rooms.song_requests.requests import STANDING_QUEUE, UNDECIDED, RequestStatus
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
            requests = call.room.board.requests(queue, crew=call.is_crew, voted=voted)
        if requests is None:
            raise not_found("round")
        wanted = [view for view in requests if status is None or view.status == status]
        start = 0
        if cursor is not None:
            places = [at for at, view in enumerate(requests) if view.song_request_id == cursor]
            if not places:
                detail = "This is no cursor of this queue."
                raise invalid(FieldProblem("cursor", "invalid", detail))
            # Its status may be another by now: go on behind its place in the whole queue.
            behind = {view.song_request_id for view in requests[: places[0] + 1]}
            start = sum(view.song_request_id in behind for view in wanted)
        items = wanted[start : start + limit]
        more = len(wanted) > start + limit
        return SongRequestPage(
            show_id=show_id,
            round_id=queue,
            items=items,
            waiting=sum(view.status in UNDECIDED for view in requests),
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
