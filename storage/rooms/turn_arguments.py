"""A turn as the arguments of ``append_turn``: one array per column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from rooms.ports import Turn

APPEND = f"SELECT * FROM append_turn({', '.join(f'${n}' for n in range(1, 62))})"
"""The one call. Its parameters are named in the migration that defines the function."""

Row = TypeVar("Row")
_encode = msgspec.json.Encoder().encode


def arguments_of(turn: Turn) -> list[Any]:
    """Arguments of `APPEND`, in order."""
    after = turn.head_after
    return [
        turn.show_id,
        turn.expected.seq,
        turn.expected.state_version,
        after.seq,
        after.state_version,
        *_event_columns(turn),
        *_round_columns(turn),
        *_ballot_columns(turn),
        *_stance_columns(turn),
        list(turn.reactions.keys()),
        list(turn.reactions.values()),
        *columns(
            turn.replies,
            lambda record: record.participant_id,
            lambda record: record.command_id,
            lambda record: record.payload_hash,
            lambda record: record.answer,
        ),
        *columns(
            turn.outbox,
            lambda record: record.kind,
            lambda record: record.dedupe_key,
            lambda record: _json(record.payload),
        ),
        *columns(
            turn.audit,
            lambda record: record.participant_id,
            lambda record: record.action,
            lambda record: record.subject,
            lambda record: record.at,
            lambda record: _json(record.before),
            lambda record: _json(record.after),
        ),
        list(turn.removed),
        turn.show_status,
    ]


def columns(rows: Iterable[Row], *getters: Callable[[Row], Any]) -> list[list[Any]]:
    """Rows turned into one list per getter."""
    kept = list(rows)
    return [[getter(row) for row in kept] for getter in getters]


def _event_columns(turn: Turn) -> list[list[Any]]:
    bound = [(client, event) for event in turn.events for client in event.clients]
    return [
        *columns(
            turn.events,
            lambda event: event.name,
            lambda event: event.at,
            lambda event: event.participant_id,
            lambda event: _json(event.data),
            lambda event: _json(event.crew_data),
            lambda event: event.update,
            lambda event: _bigints(event.clients),
        ),
        *columns(
            bound,
            lambda pair: pair[0],
            lambda pair: pair[1].participant_id,
            lambda pair: pair[1].seq,
        ),
    ]


def _round_columns(turn: Turn) -> list[list[Any]]:
    return columns(
        turn.rounds,
        lambda record: record.round_id,
        lambda record: _json(record.config),
        lambda record: record.config_hash,
        lambda record: record.status,
        lambda record: record.position,
        lambda record: record.opened_at,
        lambda record: record.closes_at,
        lambda record: record.closed_at,
        lambda record: _json(record.result),
        lambda record: record.seed,
        lambda record: record.runoff_of,
        lambda record: record.stage_of,
        lambda record: record.stage,
        lambda record: record.supersedes,
        lambda record: record.superseded_by,
        lambda record: record.held_until,
    )


def _ballot_columns(turn: Turn) -> list[list[Any]]:
    return columns(
        turn.ballots,
        lambda record: record.round_id,
        lambda record: record.participant_id,
        lambda record: _json(record.picks),
        lambda record: record.pattern,
        lambda record: record.voter_class,
        lambda record: record.cast_at,
        lambda record: record.device_id,
    )


def _stance_columns(turn: Turn) -> list[list[Any]]:
    return columns(
        turn.stances,
        lambda record: record.kind,
        lambda record: record.subject,
        lambda record: record.participant_id,
        lambda record: record.value,
        lambda record: record.voter_class,
        lambda record: record.cast_at,
    )


def _json(value: object) -> str | None:
    return None if value is None else _encode(value).decode()


def _bigints(values: tuple[int, ...]) -> str | None:
    # An array of arrays of different lengths does not exist in SQL; its text form does.
    return "{" + ",".join(map(str, values)) + "}" if values else None
