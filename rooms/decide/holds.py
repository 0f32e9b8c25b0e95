"""A vote received in time counts, however long the inbox was that it waited in.

A round that is due waits a margin for other nodes' inboxes. A node whose inbox takes longer says
so in the turns that work it off: the round is then held, by the same append that any close has to
win, so a close either sees the hold or comes before it and the margin was not over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from rooms import limits
from rooms.commands import (
    AnyCommand,
    CastVote,
    Envelope,
    HoldRound,
    RequestSong,
    UpvoteSongRequest,
    WithdrawVote,
)
from rooms.decide.draft import Draft
from rooms.participants import Channel
from rooms.ports import RoundRecord
from rooms.rounds.windows import TAKES_VOTES, last_moment
from rooms.show import ShowFacts
from rooms.song_requests.requests import SongRequest


def hold_round(draft: Draft, envelope: Envelope, command: HoldRound) -> dict[str, Any]:
    """Keeps a round that is due open for a moment; never beyond `limits.HOLD_MAX_S`."""
    record = draft.state.rounds.get(command.round_id)
    if record is None or record.status not in TAKES_VOTES or record.closes_at is None:
        return {}
    ends_at = last_moment(record, draft.state.facts, Channel.SMS) or record.closes_at
    until = min(command.until, ends_at + timedelta(seconds=limits.HOLD_MAX_S))
    if record.held_until is None or record.held_until < until:
        draft.put_round(msgspec.structs.replace(record, held_until=until))
    return {}


def ended(rounds: Iterable[RoundRecord], now: datetime) -> dict[str, RoundRecord]:
    """Rounds that still take votes though their time is over: they wait to be closed."""
    return {
        record.round_id: record
        for record in rounds
        if record.status in TAKES_VOTES and record.closes_at is not None and now > record.closes_at
    }


def voted_in(command: AnyCommand, requests: Mapping[str, SongRequest]) -> str | None:
    """The round that a command votes in, a wish or an upvote in a ``queue`` round included.

    Args:
        requests: the show's song requests, by id.
    """
    match command:
        case CastVote() | WithdrawVote() | RequestSong():
            return command.round_id
        case UpvoteSongRequest():
            request = requests.get(command.song_request_id)
            return None if request is None else request.round_id
        case _:
            return None


def waiting_in_time(
    envelopes: Iterable[Envelope],
    rounds: Mapping[str, RoundRecord],
    requests: Mapping[str, SongRequest],
    facts: ShowFacts,
) -> frozenset[str]:
    """The rounds among these for which a vote that was received in time is still waiting."""
    found: set[str] = set()
    for envelope in envelopes:
        round_id = voted_in(envelope.command, requests)
        if round_id is None or round_id in found:
            continue
        record = rounds.get(round_id)
        ends_at = None if record is None else last_moment(record, facts, envelope.channel)
        if ends_at is not None and envelope.received_at <= ends_at:
            found.add(round_id)
            if len(found) == len(rounds):
                break
    return frozenset(found)
