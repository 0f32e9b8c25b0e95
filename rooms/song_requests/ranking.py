"""The order in which it is fair to play what people wish for.

Round robin among people: everybody's first request comes before anybody's second, everybody's
second before anybody's third. What was played for somebody tonight was a turn of theirs, so who
had one waits behind those who had none. Within one round of turns support decides, then who
asked first; within one person's requests the same.

The order depends on nothing else, so every node and every recount comes to the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rooms.participants import SYSTEM
from rooms.song_requests.requests import UNDECIDED, RequestStatus, SongRequest

_HAD = frozenset({RequestStatus.PLAYING, RequestStatus.PLAYED})


def fair_order(requests: Iterable[SongRequest], support: Mapping[str, int]) -> list[SongRequest]:
    """The undecided requests of one queue, the next to be played first.

    Args:
        requests: all requests of the queue, whatever their status.
        support: upvotes by ``song_request_id``; absent ones have none.
    """
    had: dict[str, int] = {}
    keyed: list[tuple[int, int, SongRequest]] = []
    for request in requests:
        if request.status in UNDECIDED:
            upvotes = support.get(request.song_request_id, 0)
            keyed.append((-upvotes, request.number, request))
        elif request.status in _HAD and request.participant_id != SYSTEM.participant_id:
            had[request.participant_id] = had.get(request.participant_id, 0) + 1
    keyed.sort(key=_liked_then_early)
    turns = []
    for liked, number, request in keyed:
        turn = had.get(request.participant_id, 0)
        if request.participant_id != SYSTEM.participant_id:
            had[request.participant_id] = turn + 1
        turns.append((turn, liked, number, request))
    turns.sort(key=_turn_first)
    return [request for _, _, _, request in turns]


def _liked_then_early(item: tuple[int, int, SongRequest]) -> tuple[int, int]:
    return item[:2]


def _turn_first(item: tuple[int, int, int, SongRequest]) -> tuple[int, int, int]:
    return item[:3]
