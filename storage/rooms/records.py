"""Rows as the room's records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rooms.accuracy.cluster_keys import device_cluster
from rooms.accuracy.weights import rating_weight
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
    StanceCount,
    StanceKind,
    StanceRecord,
    Standing,
    TallyRecord,
)
from rooms.show import Access, ShowFacts, ShowStatus
from rooms.vote_config import Pick, VoteConfig
from storage.accuracy.rows import reputation_of
from storage.catalogue.zones import zone_of

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
    """The columns of `storage.rooms.reading`, in order."""
    round_id, config, config_hash, status, position, opened_at, closes_at, closed_at = row[:8]
    result, seed, runoff_of, stage_of, stage, supersedes, superseded_by, held_until = row[8:]
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
        seed=seed,
        runoff_of=_id(runoff_of),
        stage_of=_id(stage_of),
        stage=stage,
        supersedes=_id(supersedes),
        superseded_by=_id(superseded_by),
        held_until=held_until,
    )


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


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


def stance_of(row: Any) -> StanceRecord:
    """(kind, subject, participant_id, value, voter_class, cast_at, version)."""
    kind, subject, participant_id, value, voter_class, cast_at, version = row
    return StanceRecord(
        kind=StanceKind(kind),
        subject=subject,
        participant_id=str(participant_id),
        value=value,
        voter_class=voter_class,
        cast_at=cast_at,
        version=version,
    )


def standing_of(row: Any) -> Standing:
    """A row of `storage.rooms.reading.STANDINGS_OF`."""
    device_id = _id(row["device_id"])
    return Standing(
        participant_id=str(row["id"]),
        role=row["role"],
        display_name=row["display_name"],
        has_account=row["has_account"],
        checked_in=row["checked_in"],
        phone_confirmed=row["phone_confirmed"],
        device_id=device_id,
        device_rounds=frozenset(map(str, row["device_rounds"])),
        weight=rating_weight(
            reputation_of(row),
            row["at"],
            has_account=row["has_account"],
            checked_in=row["checked_in"],
        ),
        cluster=row["cluster"]
        or (device_cluster(device_id) if device_id and row["device_shared"] else None),
    )


def stance_count_of(row: Any) -> StanceCount:
    """(kind, subject, value, voter_class, people)."""
    kind, subject, value, voter_class, people = row
    return StanceCount(StanceKind(kind), subject, value, voter_class, people)


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
        stances=tuple(map(stance_of, row["stances"])),
        stance_counts=tuple(map(stance_count_of, row["stance_counts"])),
    )


async def facts_of(row: Any) -> ShowFacts:
    """The show's columns of `storage.rooms.reading.LOAD`, and the zone that its venue lies in."""
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
        takes_sms=row["takes_sms"],
        time_zone=await zone_of(row["city"], row["venue_state"], row["country"]),
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
                stance_counts=tuple(
                    map(
                        stance_count_of,
                        zip(
                            row["held_kinds"] or (),
                            row["held_subjects"] or (),
                            row["held_values"] or (),
                            row["held_classes"] or (),
                            row["held_people"] or (),
                            strict=True,
                        ),
                    )
                ),
            )
