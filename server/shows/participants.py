"""``/api/shows/{id}/participants``: who is, or was, in a show's room."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.params import QueryParameter
from msgspec import Struct

from rooms.participants import Role
from server.cursors import read_cursor, write_cursor
from server.paths import PathId
from server.problems import not_allowed
from server.security.authentication import CallerIdentity
from server.services import AppServices
from server.shows.attendance import is_crew

PAGE_MAX = 100


class ParticipantView(Struct, frozen=True):
    """Somebody as crew may know them.

    Attributes:
        present: whether they are in the room now; ``None``: they do not say, or another node may
            have them.
        has_account: false for a guest.
    """

    participant_id: str
    display_name: str
    role: Role
    present: bool | None
    joined_at: datetime
    has_account: bool


class ParticipantPage(Struct, frozen=True):
    """A page of them, by name. ``next_cursor`` is absent on the last one."""

    items: list[ParticipantView]
    next_cursor: str | None = None


class ParticipantsController(Controller):
    """A show's people, for its crew."""

    path = "/api/shows/{show_id:str}/participants"
    tags = ("rooms",)

    @get("/", operation_id="participants", summary="Who is or was in the room")
    async def read(
        self,
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        q: Annotated[str, QueryParameter(max_length=60)] = "",
        cursor: Annotated[str | None, QueryParameter(max_length=400)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
    ) -> ParticipantPage:
        """For the crew: those whose name holds ``q``. Who was removed is in the moderation."""
        show = str(show_id)
        if not is_crew(await services.attendance.standing(show, identity), identity):
            raise not_allowed("Only this show's crew may see who is here.")
        after = None if cursor is None else read_cursor(cursor, tuple[str, UUID])
        place = None if after is None else (after[0], str(after[1]))
        found = await services.participants.page(show, q.strip(), place, limit + 1)
        room = services.node.loaded(show)
        items = [
            ParticipantView(
                participant_id=one.participant_id,
                display_name=one.display_name,
                role=one.role,
                present=room.is_here(one.participant_id) if room and one.shows_presence else None,
                joined_at=one.joined_at,
                has_account=one.has_account,
            )
            for one in found[:limit]
        ]
        last = found[limit - 1] if len(found) > limit else None
        following = None if last is None else write_cursor((last.name_key, last.participant_id))
        return ParticipantPage(items=items, next_cursor=following)
