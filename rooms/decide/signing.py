"""Who did it, in the half of an event that crew gets."""

from __future__ import annotations

from msgspec.structs import replace

from rooms.acts import Actor
from rooms.events import EventData
from rooms.participants import SYSTEM, Participant


def signed(
    data: EventData, crew_data: EventData | None, who: Participant
) -> tuple[EventData, EventData | None]:
    """The two halves of an event, with who did it where the payload can say so.

    Args:
        data: for everybody, or for crew alone where its kind is ``crew_only``.
        crew_data: for crew, where it differs.
    """
    if who.participant_id == SYSTEM.participant_id or "by" not in data.__struct_fields__:
        return data, crew_data
    by = Actor(who.participant_id, who.display_name)
    if data.crew_only:
        return replace(data, by=by), None
    return data, replace(crew_data or data, by=by)
