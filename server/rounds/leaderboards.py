"""Leaderboards: of a show, by way of its room; of a tour, over the results of its shows."""

from __future__ import annotations

from contextlib import aclosing

from rooms import limits
from rooms.rounds.leaderboard import Standings, leaderboard_of
from rooms.states import Leaderboard
from rooms.views import may_see_result
from server.problems import not_found
from server.room_calls import RoomCalls
from server.security.identity import Identity
from storage.shows.rounds import RoundIndex


class LeaderboardReads:
    """Reads leaderboards."""

    def __init__(self, calls: RoomCalls, index: RoundIndex) -> None:
        self._calls = calls
        self._index = index

    async def of_show(self, show_id: str, viewer: Identity | None) -> Leaderboard:
        """As the viewer may see it.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``.
        """
        async with self._calls.look(show_id, viewer) as call:
            return leaderboard_of(call.room.replica.state.rounds.values(), crew=call.is_crew)

    async def of_tour(self, tour_id: str) -> Leaderboard:
        """Over what everybody may see of the tour's shows: private ones and hidden results are
        left out, for crew as well, who are crew of one show and not of a tour.

        Raises:
            ApiError: ``unknown_tour``.
        """
        if not await self._index.tour_exists(tour_id):
            raise not_found("tour")
        standings = Standings()
        found = self._index.results_of_tour(tour_id, limits.TOUR_ROUNDS_MAX)
        async with aclosing(found) as records:
            async for record in records:
                if record.result is not None and may_see_result(record, crew=False):
                    standings.add(record.config, record.result)
        return standings.ranked()
