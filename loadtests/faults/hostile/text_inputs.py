"""Hostile text frames: no JSON, no command, not allowed, not here, said before."""

from __future__ import annotations

import json
import string
from typing import Any

from loadtests.faults.hostile.inputs import (
    ACKED,
    CLOSED,
    REJECTED,
    Hostile,
    Knowledge,
    Maker,
    Text,
    allowed,
)
from loadtests.wire import messages
from loadtests.wire.ids import uuid7

TEXT_FRAME_BYTES_MAX = 16 * 1024
CHAT_CHARACTERS_MAX = 500
CREW_COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lock_setlist", {}),
    ("unlock_setlist", {}),
    ("announce", {"text": "free beer at the bar"}),
    ("mute_participant", {"participant_id": "VICTIM"}),
    ("remove_participant", {"participant_id": "VICTIM"}),
    ("set_slow_mode", {"interval_s": 600}),
    ("open_round", {"round_id": "ROUND"}),
    ("close_round", {"round_id": "ROUND"}),
    ("extend_round", {"round_id": "ROUND", "extend_s": 30}),
    ("reveal_round", {"round_id": "ROUND"}),
)
COMMANDS = (
    "cast_vote",
    "withdraw_vote",
    "post_chat",
    "remove_chat",
    "react",
    "set_now_playing",
    *(name for name, _ in CREW_COMMANDS),
)
INVALID = allowed(f"{REJECTED}:invalid_message")


def not_json(know: Knowledge) -> Hostile:
    """Characters that are no JSON."""
    text = "".join(know.rng.choices(string.printable + "é𝄞\u0000\u2028", k=know.rng.randint(0, 60)))
    return Hostile("not JSON", (Text("{" + text),), INVALID)


def cut_json(know: Knowledge) -> Hostile:
    """A command that ends in the middle."""
    whole = messages.command(uuid7(know.rng), "post_chat", {"text": "hello there"})
    cut = know.rng.randrange(0, len(whole))
    return Hostile("cut JSON", (Text(whole[:cut]),), INVALID)


def wrong_shape(know: Knowledge) -> Hostile:
    """JSON that is no command message."""
    rng = know.rng
    shapes: list[Any] = [
        [],
        None,
        rng.random(),
        {"t": "command"},
        {"t": "welcome", "command_id": uuid7(rng), "name": "react"},
        {"t": "command", "command_id": rng.randint(0, 9), "name": "react", "args": {}},
        {"t": "command", "command_id": uuid7(rng), "name": ["react"], "args": {}},
        {"t": rng.choice(["", "event", "ack", None, 7]), "command_id": uuid7(rng), "name": "x"},
        {"t": "command", "command_id": "", "name": "react", "args": {"kind": "love"}},
        {"t": "command", "command_id": "x" * rng.randint(65, 900), "name": "react", "args": {}},
    ]
    return Hostile("wrong shape", (Text(json.dumps(rng.choice(shapes))),), INVALID)


def deep_nesting(know: Knowledge) -> Hostile:
    """Brackets within brackets, to the limit of a frame."""
    depth = know.rng.randint(500, 8_000)
    text = '{"t":"command","command_id":"deep","name":"react","args":' + "[" * depth
    return Hostile("deep nesting", (Text(text),), INVALID)


def unknown_command(know: Knowledge) -> Hostile:
    """A name that no room knows."""
    rng = know.rng
    name = rng.choice(COMMANDS) + rng.choice(["_", "s", " ", "\u0000", "é"])
    if rng.random() < 0.5:
        name = "".join(rng.choices(string.ascii_lowercase + "_", k=rng.randint(0, 30)))
    text = messages.command(uuid7(rng), name, {})
    return Hostile("unknown command", (Text(text),), allowed(f"{REJECTED}:unknown_command"))


def bad_arguments(know: Knowledge) -> Hostile:
    """A known command whose arguments cannot be meant."""
    rng = know.rng
    bad: list[Any] = [
        ("cast_vote", {"round_id": 7, "picks": []}),
        ("cast_vote", {"round_id": know.open_round}),
        ("cast_vote", {"round_id": know.open_round, "picks": "o1"}),
        ("cast_vote", {"round_id": know.open_round, "picks": [{"option_id": "o1", "value": 1e9}]}),
        ("cast_vote", {"round_id": know.open_round, "picks": [{"option_id": "o1"}] * 50}),
        ("post_chat", {}),
        ("post_chat", {"text": None}),
        ("post_chat", {"text": ["a"]}),
        ("post_chat", {"text": "a" * rng.randint(8 * CHAT_CHARACTERS_MAX + 1, 12_000)}),
        ("react", {"kind": rng.randint(0, 99)}),
        ("react", {"kind": "x" * 40}),
        ("remove_chat", {"chat_message_id": ""}),
        ("mute_participant", {"participant_id": know.victim, "duration_s": -1}),
        ("set_now_playing", {"entry_id": {"a": 1}}),
        ("set_slow_mode", {"interval_s": "often"}),
        ("post_chat", rng.choice([[], "text", 3, None])),
    ]
    name, args = rng.choice(bad)
    text = json.dumps({"t": "command", "command_id": uuid7(rng), "name": name, "args": args})
    return Hostile("bad arguments", (Text(text),), allowed(f"{REJECTED}:invalid_arguments"))


def refused_arguments(know: Knowledge) -> Hostile:
    """Well-formed arguments that name nothing here, or say too much or nothing."""
    rng = know.rng
    codes = {
        "post_chat": rng.choice(["", "   ", "\n\t ", "x" * (CHAT_CHARACTERS_MAX + 1)]),
        "react": "".join(rng.choices(string.ascii_lowercase, k=9)),
    }
    cases: list[tuple[str, dict[str, Any]]] = [
        ("post_chat", {"text": codes["post_chat"]}),
        ("react", {"kind": codes["react"]}),
        ("remove_chat", {"chat_message_id": uuid7(rng)}),
        ("set_now_playing", {"entry_id": uuid7(rng)}),
        ("cast_vote", {"round_id": know.open_round, "picks": []}),
        ("cast_vote", {"round_id": know.open_round, "picks": [{"option_id": "o99"}]}),
        (
            "cast_vote",
            {"round_id": know.open_round, "picks": [{"option_id": "o1"}, {"option_id": "o2"}]},
        ),
    ]
    name, args = rng.choice(cases)
    text = messages.command(uuid7(rng), name, args)
    return Hostile("refused arguments", (Text(text),), allowed(REJECTED))


def foreign_round(know: Knowledge) -> Hostile:
    """A vote in a round of another show."""
    name = know.rng.choice(["cast_vote", "withdraw_vote"])
    args: dict[str, Any] = {"round_id": know.foreign_round}
    if name == "cast_vote":
        args["picks"] = [{"option_id": "o1"}]
    text = messages.command(uuid7(know.rng), name, args)
    return Hostile("foreign round", (Text(text),), allowed(f"{REJECTED}:unknown_round"))


def crew_command(know: Knowledge) -> Hostile:
    """What only crew may do, with somebody else's name on it."""
    name, args = know.rng.choice(CREW_COMMANDS)
    names = {"VICTIM": know.victim, "ROUND": know.open_round}
    filled = {key: names.get(str(value), value) for key, value in args.items()}
    forged = {
        "t": "command",
        "command_id": uuid7(know.rng),
        "name": name,
        "args": {**filled, "participant": know.victim, "role": "artist"},
        "participant_id": know.victim,
        "role": "artist",
    }
    text = json.dumps(forged)
    return Hostile("crew command", (Text(text),), allowed(f"{REJECTED}:not_allowed"))


def replay(know: Knowledge) -> Hostile:
    """A command that was answered before, said again word for word."""
    if not know.said:
        return refused_arguments(know)
    text = know.rng.choice(know.said)
    return Hostile("replay", (Text(text),), allowed(REJECTED, ACKED))


def reused_id(know: Knowledge) -> Hostile:
    """An id that was used before, with another payload."""
    if not know.said:
        return refused_arguments(know)
    used = json.loads(know.rng.choice(know.said))["command_id"]
    args = {"chat_message_id": uuid7(know.rng)}
    text = messages.command(used, "remove_chat", args)
    return Hostile("reused id", (Text(text),), allowed(f"{REJECTED}:command_id_reused"))


def oversized_text(know: Knowledge) -> Hostile:
    """A text frame over the limit."""
    size = TEXT_FRAME_BYTES_MAX + know.rng.choice([1, 100, 50_000])
    text = messages.command(uuid7(know.rng), "post_chat", {"text": "x" * size})
    return Hostile("oversized text", (Text(text),), allowed(f"{CLOSED}:4413", f"{CLOSED}:1009"))


MAKERS: tuple[tuple[Maker, int], ...] = (
    (not_json, 6),
    (cut_json, 6),
    (wrong_shape, 8),
    (deep_nesting, 2),
    (unknown_command, 6),
    (bad_arguments, 10),
    (refused_arguments, 8),
    (foreign_round, 4),
    (crew_command, 8),
    (replay, 5),
    (reused_id, 4),
    (oversized_text, 2),
)
"""Makers and how often they are chosen, relative to each other."""
