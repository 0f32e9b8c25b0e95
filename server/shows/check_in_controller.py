"""``/api/shows/{id}/check-in``: see `server.shows.check_in`."""

from __future__ import annotations

from litestar import Controller, get, post
from litestar.params import JSONBody

from server.paths import PathId
from server.security.authentication import CallerIdentity
from server.services import AppServices
from server.shows.check_in import CheckedIn, CheckInBody, CheckInCode


class CheckInController(Controller):
    """Being there."""

    path = "/api/shows/{show_id:str}"
    tags = ("shows",)

    @get("/check-in-code", operation_id="checkInCode", summary="The code to check in with")
    async def code(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> CheckInCode:
        """For crew: six characters, others every five minutes."""
        return await services.check_in.code(str(show_id), identity)

    @post("/check-in", operation_id="checkIn", status_code=200, summary="Say that one is there")
    async def check_in(
        self,
        show_id: PathId,
        data: JSONBody[CheckInBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> CheckedIn:
        """200 once it is kept; again is the same."""
        return await services.check_in.check_in(str(show_id), identity, data.code)
