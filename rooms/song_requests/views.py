"""What each audience sees of a queue. One rule for states, snapshots and HTTP."""

from __future__ import annotations

from rooms import limits
from rooms.ports import RoundRecord
from rooms.song_requests.played import Played
from rooms.song_requests.queue import requests_in, support_of
from rooms.song_requests.ranking import fair_order
from rooms.song_requests.requests import UNDECIDED, RequestStatus, SongRequest
from rooms.state import BEGINNING, RoomState
from rooms.states import SongRequests, SongRequestView
from rooms.views import may_see_result, may_see_tally


def may_see_support(record: RoundRecord | None, *, crew: bool, voted: bool) -> bool:
    """Whether an audience may see upvotes, and the order that tells them.

    Args:
        record: the ``queue`` round, or ``None`` for the standing queue, which hides nothing.
    """
    if record is None or crew:
        return True
    return may_see_tally(record, crew=crew, voted=voted) or may_see_result(record, crew=crew)


def all_requests(
    state: RoomState, queue: str, played: Played, *, shows_support: bool
) -> list[SongRequestView]:
    """A queue from end to end: what is being played; the undecided ones by rank, or as they came
    where the support is hidden; then what was decided, the latest first."""
    requests = requests_in(state, queue)
    support = support_of(state, requests)
    playing = [one for one in requests if one.status is RequestStatus.PLAYING]
    undecided = fair_order(requests, support)
    ranks = {one.song_request_id: rank for rank, one in enumerate(undecided, 1)}
    decided = [
        one for one in requests if one.status in (RequestStatus.PLAYED, RequestStatus.DECLINED)
    ]
    decided.sort(key=lambda one: (one.marked_at or BEGINNING, one.number), reverse=True)
    if not shows_support:
        undecided.sort(key=lambda one: one.number)
        ranks = {}
    return [
        _view(
            one,
            upvotes=support[one.song_request_id] if shows_support else None,
            rank=ranks.get(one.song_request_id),
            already_played=one.status in UNDECIDED and played.has(one.song_id, one.title),
        )
        for one in (*playing, *undecided, *decided)
    ]


def shown(queue: str, requests: list[SongRequestView]) -> SongRequests:
    """The ``song_requests`` state of a queue, of its whole list."""
    waiting = sum(view.status in UNDECIDED for view in requests)
    return SongRequests(
        round_id=queue, requests=requests[: limits.SONG_REQUESTS_SHOWN], waiting=waiting
    )


def _view(
    request: SongRequest, *, upvotes: int | None, rank: int | None, already_played: bool
) -> SongRequestView:
    return SongRequestView(
        song_request_id=request.song_request_id,
        participant_id=request.participant_id,
        display_name=request.display_name,
        title=request.title,
        status=request.status.value,
        requested_at=request.requested_at,
        upvotes=upvotes,
        rank=rank,
        song_id=request.song_id,
        reason=request.reason,
        entry_id=request.entry_id,
        already_played=already_played,
    )
