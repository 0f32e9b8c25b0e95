"""A turn as the arguments of ``append_turn``: one array per column.

The driver looks at every element of an array to find out whether it is an array itself, which for
a turn of 500 votes costs as much as deciding it. Where a turn holds many ballots and answers, their
columns go as one text each, and PostgreSQL splits them. Most turns of a lively room only say
something: what they leave empty is written into the statement, and neither side looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from rooms.ports import Turn
from rooms.vote_config import Pick

PARAMETERS: Final = 61

SEPARATOR: Final = "\x1f"
"""Between elements: JSON escapes it, and neither ids nor patterns can hold it. A text that holds
it nevertheless goes as an array."""

PACKED_FROM: Final = 16
"""Ballots and answers from which on packing them pays. At least 2: no text of one empty element
can be told from one of none."""

_PACKED_AS: Final = {
    32: "uuid[]",
    33: "uuid[]",
    34: "text[]",
    35: "text[]",
    36: "text[]",
    37: "timestamptz[]",
    38: "uuid[]",
    47: "uuid[]",
    48: "text[]",
    49: "bytea[]",
    50: "bytea[]",
}
"""Parameters of ballots and answers that are packed: round, voter, picks, pattern, class, time,
device; author, command, hash, answer. An empty device is none."""


_NONE: Final = {38: ", ''"}

_SAID = (*range(1, 13), *range(47, 51), 61)
"""Parameters of a turn with nothing but events and answers."""


def _append(packed: Mapping[int, str]) -> str:
    parameters = (
        f"string_to_array(${n}, E'\\x1f'{_NONE.get(n, '')})::{packed[n]}"
        if n in packed
        else f"${n}"
        for n in range(1, PARAMETERS + 1)
    )
    return f"SELECT * FROM append_turn({', '.join(parameters)})"


def _append_said() -> str:
    numbers = {n: number for number, n in enumerate(_SAID, 1)}
    parameters = (f"${numbers[n]}" if n in numbers else "'{}'" for n in range(1, PARAMETERS + 1))
    return f"SELECT * FROM append_turn({', '.join(parameters)})"


APPEND: Final = _append({})
"""The one call. Its parameters are named in the migration that defines the function."""

APPEND_MANY: Final = _append(_PACKED_AS)
"""The same with packed ballots and answers."""

APPEND_SAID: Final = _append_said()
"""The same for a turn with nothing but events and answers."""

Row = TypeVar("Row")
_encode = msgspec.json.Encoder().encode


def call_of(turn: Turn) -> tuple[str, list[Any]]:
    """The statement that appends a turn, and its arguments."""
    arguments = arguments_of(turn)
    if not any(arguments[12:46]) and not any(arguments[50:60]):
        return APPEND_SAID, [arguments[n - 1] for n in _SAID]
    if len(turn.ballots) < PACKED_FROM or len(turn.replies) < PACKED_FROM:
        return APPEND, arguments
    for number, kind in _PACKED_AS.items():
        column = arguments[number - 1]
        packed = _packed(column, kind, number in _NONE)
        if packed.count(SEPARATOR) != len(column) - 1:
            return APPEND, arguments_of(turn)
        arguments[number - 1] = packed
    return APPEND_MANY, arguments


def _packed(column: list[Any], kind: str, has_none: bool) -> str:
    if kind == "timestamptz[]":
        return _encode(column).decode()[2:-2].replace('","', SEPARATOR)  # many at once, in C
    if kind == "bytea[]":
        return SEPARATOR.join([f"\\x{part.hex()}" for part in column])
    return SEPARATOR.join([part or "" for part in column] if has_none else column)


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
        [record.participant_id for record in turn.replies],
        [record.command_id for record in turn.replies],
        [record.payload_hash for record in turn.replies],
        [record.answer for record in turn.replies],
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
    if not kept:
        return [[] for _ in getters]
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
    ballots, texts = turn.ballots, dict[tuple[Pick, ...], str | None]()
    for record in ballots:  # thousands choose among a few
        if record.picks not in texts:
            texts[record.picks] = _json(record.picks)
    return [
        [record.round_id for record in ballots],
        [record.participant_id for record in ballots],
        [texts[record.picks] for record in ballots],
        [record.pattern for record in ballots],
        [record.voter_class for record in ballots],
        [record.cast_at for record in ballots],
        [record.device_id for record in ballots],
    ]


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
