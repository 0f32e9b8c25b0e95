"""JSON Schema (2020-12) of the room's messages, from the structs."""

from __future__ import annotations

from typing import Any

import msgspec

from rooms.messages import CommandMessage, EventMessage, StateMessage, Welcome
from server.schemas.vocabulary import COMMANDS, EVENTS, PARTS, PLAIN_MESSAGES, STATES

REF = "#/$defs/{name}"


def definitions(ref_template: str) -> dict[str, Any]:
    """Every struct of the wire by name, referring to each other by ``ref_template``."""
    kinds = [
        *PLAIN_MESSAGES,
        Welcome,
        EventMessage,
        StateMessage,
        CommandMessage,
        *PARTS,
        *EVENTS.values(),
        *STATES.values(),
        *COMMANDS.values(),
    ]
    _, parts = msgspec.json.schema_components(kinds, ref_template=ref_template)
    parts = dict(parts)
    _specialise(parts, ref_template)
    return dict(sorted(parts.items()))


def _specialise(parts: dict[str, Any], template: str) -> None:
    """Says what lies in the fields that are raw JSON in Python, name by name."""

    def ref(kind: type) -> dict[str, str]:
        return {"$ref": template.replace("{name}", kind.__name__)}

    def by_name(field: str, names: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"properties": {"name": {"const": name}, field: ref(kind)}}
            for name, kind in names.items()
        ]

    for kind in COMMANDS.values():
        # The tag of a command travels beside its arguments, as `name` of the message.
        arguments = parts[kind.__name__]
        arguments["properties"].pop("name", None)
        arguments["required"] = [name for name in arguments.get("required", []) if name != "name"]
    snapshot = next(kind for kind in PARTS if kind.__name__ == "RoomSnapshot")
    parts["Welcome"]["properties"]["state"] = {"anyOf": [{"const": {}}, ref(snapshot)]}
    parts["EventMessage"]["oneOf"] = by_name("data", dict(EVENTS))
    parts["StateMessage"]["oneOf"] = by_name("data", dict(STATES))
    parts["CommandMessage"]["oneOf"] = by_name("args", dict(COMMANDS))


def document() -> dict[str, Any]:
    """The whole schema: any one text message of the room protocol."""
    plain = [kind.__name__ for kind in PLAIN_MESSAGES]
    names = ["Welcome", "EventMessage", "StateMessage", *plain, "CommandMessage"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://setroom.example/schemas/room.schema.json",
        "title": "Text messages of the room protocol setroom.v1",
        "oneOf": [{"$ref": REF.replace("{name}", name)} for name in names],
        "$defs": definitions(REF),
    }
