"""Rows as the room's records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rooms.events import Event, RoundResult, decode_event_data
from rooms.ports import (
    AlreadyAnswered,
    Appended,
    AppendOutcome,
    BallotRecord,
    Delta,
    Head,
    Lost,
    ReplyRecord,
    RoundRecord,
    TallyRecord,
)
from rooms.show import Access, ShowFacts, ShowStatus
from rooms.vote_config import Pick, VoteConfig

_decode_config = msgspec.json.Decoder(VoteConfig).decode
_decode_result = msgspec.json.Decoder(RoundResult).decode
_decode_picks = msgspec.json.Decoder(tuple[Pick, ...]).decode


def event_of(row: Any) -> Event:
    """(seq, name, at, participant_id, data, crew_data, yjs_update, clients as text)."""
    seq, name, at, participant_id, data, crew_data, update, clients = row
    return Event(
        seq=seq,
        at=at,
        data=decode_event_data(name, data),
        participant_id=str(participant_id),
        crew_data=None if crew_data is None else decode_event_data(name, crew_data),
        update=update,
        clients=tuple(map(int, clients.split(","))) if clients else (),
    )


def round_of(row: Any) -> RoundRecord:
    """(id, config, config_hash, status, position, opened_at, closes_at, closed_at, result)."""
    round_id, config, config_hash, status, position, opened_at, closes_at, closed_at, result = row
    return RoundRecord(
        round_id=str(round_id),
        config=_decode_config(config),
        config_hash=config_hash,
        status=status,
        position=position,
        opened_at=opened_at,
        closes_at=closes_at,
        closed_at=closed_at,
        result=None if result is None else _decode_result(result),
    )


def ballot_of(row: Any) -> BallotRecord:
    """(round_id, participant_id, picks, pattern, voter_class, cast_at, version)."""
    round_id, participant_id, picks, pattern, voter_class, cast_at, version = row
    return BallotRecord(
        round_id=str(round_id),
        participant_id=str(participant_id),
        picks=_decode_picks(picks),
        pattern=pattern,
        voter_class=voter_class,
        cast_at=cast_at,
        version=version,
    )


def tally_of(row: Any) -> TallyRecord:
    """(round_id, pattern, voter_class, ballots)."""
    round_id, pattern, voter_class, ballots = row
    return TallyRecord(str(round_id), pattern, voter_class, ballots)


def reply_of(row: Any) -> ReplyRecord:
    """(participant_id, command_id, payload_hash, answer)."""
    participant_id, command_id, payload_hash, answer = row
    return ReplyRecord(str(participant_id), command_id, payload_hash, answer)


def counts_of(rows: Iterable[Any]) -> Mapping[str, int]:
    """(kind, reactions) rows."""
    return dict(rows)


def delta_of(row: Any) -> Delta:
    """A row of `storage.rooms.reading.READ_SINCE`."""
    return Delta(
        head=Head(row["seq"], row["state_version"]),
        events=tuple(map(event_of, row["events"])),
        rounds=tuple(map(round_of, row["rounds"])),
        tallies=tuple(map(tally_of, row["tallies"])),
        ballots=tuple(map(ballot_of, row["ballots"])),
        reactions=counts_of(row["reactions"]),
    )


def facts_of(row: Any) -> ShowFacts:
    """The show's columns of `storage.rooms.reading.LOAD`."""
    return ShowFacts(
        show_id=str(row["show_id"]),
        slug=row["slug"],
        title=row["title"],
        status=ShowStatus(row["status"]),
        access=Access(row["access"]),
        starts_at=row["starts_at"],
        artists=tuple(row["artists"]),
        venue=row["venue"],
        city=row["city"],
        country=row["country"],
    )


def outcome_of(row: Any) -> AppendOutcome:
    """What ``append_turn`` returned."""
    match row["outcome"]:
        case "already_answered":
            stored = zip(
                row["stored_authors"],
                row["stored_commands"],
                row["stored_hashes"],
                row["stored_answers"],
                strict=True,
            )
            return AlreadyAnswered(tuple(map(reply_of, stored)))
        case "lost":
            return Lost(Head(row["seq"], row["state_version"]))
        case _:
            tallies = zip(
                row["tally_rounds"] or (),
                row["tally_patterns"] or (),
                row["tally_classes"] or (),
                row["tally_ballots"] or (),
                strict=True,
            )
            return Appended(
                head=Head(row["seq"], row["state_version"]),
                tallies=tuple(map(tally_of, tallies)),
                reactions=counts_of(
                    zip(row["counted_kinds"] or (), row["counted"] or (), strict=True)
                ),
            )
