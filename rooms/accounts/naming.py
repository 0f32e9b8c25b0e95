"""By which name a room knows somebody, and how a name is taken out of what was kept.

Wherever a name is kept it stands beside a ``participant_id``: in events, in a room's memory, in
snapshots. So one walk finds them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rooms.participants import Role

GONE_NAME: Final = "Deleted account"
"""Who deleted their account; what they did together with others stays."""

FAN_NAME: Final = "Fan"


def room_name(display_name: str, *, shows_name: bool, role: Role, attendee_id: str) -> str:
    """What somebody is called in one show's room."""
    if shows_name or role is not Role.FAN:
        return display_name
    return f"{FAN_NAME} {attendee_id[-4:]}"


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same JSON value with these participants' names in place of those that they had.

    Args:
        value: what a JSON decoder gives; nothing of it is changed in place.
        names: participant id → name.
    """
    if isinstance(value, dict):
        copy = {key: renamed(inner, names) for key, inner in value.items()}
        name = names.get(str(value.get("participant_id")))
        if name is not None and value.get("display_name"):
            copy["display_name"] = name
        return copy
    if isinstance(value, list):
        return [renamed(inner, names) for inner in value]
    return value
