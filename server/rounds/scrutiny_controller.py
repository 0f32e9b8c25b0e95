"""``/api/rounds/{id}/scrutiny`` and ``…/held/newcomers``."""

from __future__ import annotations

from litestar import Controller, get, post
from litestar.params import JSONBody

from server.paths import PathId
from server.rounds.scrutiny import HeldNewcomersView, HoldNewcomersBody, ScrutinyView
from server.security.authentication import CallerIdentity
from server.services import AppServices


class ScrutinyController(Controller):
    """How a round's votes came about."""

    path = "/api/rounds/{round_id:str}"
    tags = ("rounds",)

    @get("/scrutiny", operation_id="scrutiny", summary="How the votes came about")
    async def scrutiny(
        self, round_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ScrutinyView:
        """For crew: voters by what is known of them, and options that newcomers prefer beyond
        chance."""
        return await services.scrutiny.of(str(round_id), identity)

    @post("/held/newcomers", operation_id="holdNewcomers", status_code=200)
    async def hold_newcomers(
        self,
        round_id: PathId,
        data: JSONBody[HoldNewcomersBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> HeldNewcomersView:
        """Holds the votes of guests who came only after the round was opened, for review."""
        return await services.scrutiny.hold_newcomers(str(round_id), identity, data.option_id)
