"""The AsyncAPI 3.0 document of the room's socket."""

from __future__ import annotations

from typing import Any

from rooms.messages import PROTOCOL_VERSION, SUBPROTOCOL
from server.schemas.json_schema import definitions
from server.schemas.vocabulary import PLAIN_MESSAGES, close_codes

SCHEMA_REF = "#/components/schemas/{name}"
SENT = ("Welcome", "EventMessage", "StateMessage", *(kind.__name__ for kind in PLAIN_MESSAGES))
RECEIVED = ("CommandMessage",)


def document() -> dict[str, Any]:
    """The document, with every message's schema inside."""
    names = (*SENT, *RECEIVED)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Setroom's rooms",
            "version": str(PROTOCOL_VERSION),
            "description": (
                "One socket per participant and show. Text frames are the JSON messages below; "
                "binary frames are the y-websocket protocol (sync and awareness) of the setlist "
                "document. See docs/protocol.md."
            ),
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {"room": _channel(names)},
        "operations": {
            "receive": _operation("send", "What the server sends.", SENT),
            "command": _operation("receive", "What a client sends.", RECEIVED),
        },
        "components": {
            "messages": {
                name: {
                    "name": name,
                    "contentType": "application/json",
                    "payload": {"$ref": SCHEMA_REF.replace("{name}", name)},
                }
                for name in names
            },
            "schemas": definitions(SCHEMA_REF),
        },
    }


def _channel(names: tuple[str, ...]) -> dict[str, Any]:
    codes = ", ".join(f"{code} {name}" for name, code in close_codes().items())
    return {
        "address": "/rooms/{show_id}",
        "description": f"Subprotocol {SUBPROTOCOL}. Close codes: {codes}.",
        "parameters": {"show_id": {"description": "The show's id."}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "ws": {
                "query": {
                    "type": "object",
                    "required": ["ticket"],
                    "properties": {
                        "ticket": {"type": "string"},
                        "since": {"type": "integer", "minimum": 0},
                        "epoch": {"type": "string"},
                    },
                }
            }
        },
    }


def _operation(action: str, summary: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/room"},
        "messages": [{"$ref": f"#/channels/room/messages/{name}"} for name in names],
    }
