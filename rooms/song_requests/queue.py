"""A queue's requests and their support, read from a room's state."""

from __future__ import annotations

from collections.abc import Iterable

from rooms.events import RoundResult
from rooms.limits import SONG_REQUEST_QUEUES_SHOWN
from rooms.ports import StanceKind
from rooms.rounds.counting.patterns import channel_of, weight_of
from rooms.rounds.counting.results import counted
from rooms.rounds.windows import TAKES_VOTES
from rooms.song_requests.requests import STANDING_QUEUE, UNDECIDED, RequestStatus, SongRequest
from rooms.state import RoomState
from rooms.vote_config import Pick, VoteType

TAKES_PART = (Pick(option_id="upvote"),)
"""Picks of the ballot that says that somebody supports something in a ``queue`` round. What is
supported are stances; the ballot makes voters countable, and one per person and device."""

TAKES_PART_PATTERN = "upvote"


def requests_in(state: RoomState, queue: str) -> list[SongRequest]:
    """All requests of a queue in the order of their arrival, decided ones included."""
    return [one for one in state.memory.song_requests.values() if one.queue == queue]


def upvotes_of(state: RoomState, request: SongRequest) -> int:
    """How many people support a request; in a round only those of a class that counts there."""
    counts = state.stances.get((StanceKind.UPVOTE, request.song_request_id), {})
    record = state.rounds.get(request.round_id) if request.round_id else None
    return sum(
        people
        for (value, voter_class), people in counts.items()
        if value > 0 and (record is None or weight_of(record.config, voter_class))
    )


def support_of(state: RoomState, requests: Iterable[SongRequest]) -> dict[str, int]:
    """Upvotes by ``song_request_id``."""
    return {one.song_request_id: upvotes_of(state, one) for one in requests}


def queues(state: RoomState) -> list[str]:
    """Keys of the queues that are shown: the standing one, ``queue`` rounds that are open, and
    closed ones in which something still waits to be decided, the newest first."""
    waiting = {one.queue for one in state.memory.song_requests.values() if one.status in UNDECIDED}
    rounds = [one for one in state.rounds.values() if one.config.type is VoteType.QUEUE]
    shown = [
        one
        for one in rounds
        if one.status in TAKES_VOTES
        or (one.status in ("closed", "revealed") and one.round_id in waiting)
    ]
    shown.sort(key=lambda one: (one.status not in TAKES_VOTES, -one.position))
    return [STANDING_QUEUE, *(one.round_id for one in shown[:SONG_REQUEST_QUEUES_SHOWN])]


def result_counts(state: RoomState, round_id: str) -> RoundResult:
    """The final count of a ``queue`` round: its options are the song requests in it.

    ``options`` are upvotes by ``song_request_id`` in the order of arrival, ``labels`` the titles,
    ``votes`` all upvotes, ``voters`` the people behind them. Winners are the most wished for among
    what crew has not declined.

    Raises:
        KeyError: there is no such round.
    """
    record = state.rounds[round_id]
    requests = requests_in(state, round_id)
    support = support_of(state, requests)
    channels: dict[str, int] = {}
    for (_, voter_class), people in counted(record.config, state.tallies.get(round_id, {})).items():
        channel = channel_of(voter_class)
        channels[channel] = channels.get(channel, 0) + people
    voters = sum(channels.values())
    standing = {
        one.song_request_id: support[one.song_request_id]
        for one in requests
        if one.status is not RequestStatus.DECLINED
    }
    best = max(standing.values(), default=0)
    quorum_met = voters >= record.config.quorum
    winners = tuple(key for key, upvotes in standing.items() if best and upvotes == best)
    return RoundResult(
        options=support,
        votes=sum(support.values()),
        voters=voters,
        winners=winners if quorum_met else (),
        config_hash=record.config_hash,
        quorum_met=quorum_met,
        channels=channels,
        labels={one.song_request_id: one.title for one in requests},
        supporters=support,
    )
