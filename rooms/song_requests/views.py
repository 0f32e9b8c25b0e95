"""What each audience sees of a queue. One rule for states, snapshots and HTTP."""

from __future__ import annotations

from msgspec import Struct

from rooms import limits
from rooms.ports import RoundRecord
from rooms.song_requests.played import Played
from rooms.song_requests.queue import requests_in, support_of
from rooms.song_requests.ranking import fair_order
from rooms.song_requests.requests import UNDECIDED, RequestStatus, SongRequest
from rooms.state import BEGINNING, RoomState
from rooms.states import SongRequests, SongRequestView
from rooms.views import may_see_result, may_see_tally

_DECIDED = frozenset({RequestStatus.PLAYED, RequestStatus.DECLINED})


def may_see_support(record: RoundRecord | None, *, crew: bool, voted: bool) -> bool:
    """Whether an audience may see upvotes, and the order that tells them.

    Args:
        record: the ``queue`` round, or ``None`` for the standing queue, which hides nothing.
    """
    if record is None or crew:
        return True
    return may_see_tally(record, crew=crew, voted=voted) or may_see_result(record, crew=crew)


class Place(Struct, frozen=True):
    """A request at its place in a queue; what an audience may not see is ``None``."""

    request: SongRequest
    upvotes: int | None
    rank: int | None


def in_order(state: RoomState, queue: str, *, shows_support: bool) -> list[Place]:
    """A queue from end to end: what is being played; the undecided ones by rank, or as they came
    where the support is hidden; then what was decided, the latest first."""
    requests = requests_in(state, queue)
    support = support_of(state, requests)
    playing = [one for one in requests if one.status is RequestStatus.PLAYING]
    undecided = fair_order(requests, support)
    if not shows_support:
        undecided.sort(key=lambda one: one.number)
    decided = [one for one in requests if one.status in _DECIDED]
    decided.sort(key=lambda one: (one.marked_at or BEGINNING, one.number), reverse=True)
    if not shows_support:
        return [Place(one, None, None) for one in (*playing, *undecided, *decided)]
    ranks: list[int | None] = [None] * len(playing)
    ranks += range(1, len(undecided) + 1)
    ranks += [None] * len(decided)
    return [
        Place(one, support[one.song_request_id], rank)
        for one, rank in zip((*playing, *undecided, *decided), ranks, strict=True)
    ]


def shown(queue: str, places: list[Place], played: Played) -> SongRequests:
    """The ``song_requests`` state of a queue."""
    return SongRequests(
        round_id=queue,
        requests=[view_of(place, played) for place in places[: limits.SONG_REQUESTS_SHOWN]],
        waiting=sum(place.request.status in UNDECIDED for place in places),
    )


def view_of(place: Place, played: Played) -> SongRequestView:
    """A request as it is shown."""
    request = place.request
    undecided = request.status in UNDECIDED
    return SongRequestView(
        song_request_id=request.song_request_id,
        participant_id=request.participant_id,
        display_name=request.display_name,
        title=request.title,
        status=request.status.value,
        requested_at=request.requested_at,
        upvotes=place.upvotes,
        rank=place.rank,
        song_id=request.song_id,
        reason=request.reason,
        entry_id=request.entry_id,
        already_played=undecided and played.has(request.song_id, request.title),
    )
