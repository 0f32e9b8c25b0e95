"""``/api/shows/{id}/rounds`` and ``/api/rounds``."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get, post, put
from litestar.params import JSONBody

from rooms.commands import CloseRound, ExtendRound, OpenRound, RevealRound
from server.paths import PathId
from server.rounds.schemas import (
    ExtendBody,
    RoundBody,
    RoundBodyView,
    RoundPage,
    VoteBody,
    VoteView,
)
from server.security.authentication import CallerIdentity, Viewer
from server.services import AppServices


class ShowRoundsController(Controller):
    """A show's rounds."""

    path = "/api/shows/{show_id:str}/rounds"
    tags = ("rounds",)

    @post("/", operation_id="createRound", summary="Keep a draft round")
    async def create(
        self,
        request: Request[Any, Any, Any],
        show_id: PathId,
        data: JSONBody[RoundBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[RoundBodyView]:
        """201 with the draft."""

        async def produce(creation_id: str) -> RoundBodyView:
            return await services.rounds.create(str(show_id), creation_id, identity, data.config)

        return await services.idempotency.once(request, identity.account_id, produce)

    @get("/", operation_id="listRounds", summary="All rounds of a show")
    async def of_show(self, show_id: PathId, viewer: Viewer, services: AppServices) -> RoundPage:
        """Those that the caller may see: drafts are for crew."""
        return RoundPage(items=await services.rounds.of_show(str(show_id), viewer))


class RoundsController(Controller):
    """One round."""

    path = "/api/rounds/{round_id:str}"
    tags = ("rounds",)

    @get("/", operation_id="readRound", summary="One round")
    async def read(self, round_id: PathId, viewer: Viewer, services: AppServices) -> RoundBodyView:
        """The round, with what the caller may see of its tally and result."""
        return await services.rounds.read(str(round_id), viewer)

    @put("/", operation_id="changeRound", summary="Change a draft")
    async def update(
        self,
        round_id: PathId,
        data: JSONBody[RoundBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> RoundBodyView:
        """The draft as it is now."""
        return await services.rounds.update(str(round_id), identity, data.config)

    @post("/open", operation_id="openRound", status_code=200)
    async def open(
        self, round_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> RoundBodyView:
        """``draft → open``."""
        name = str(round_id)
        return await services.rounds.step(name, identity, OpenRound(round_id=name))

    @post("/extend", operation_id="extendRound", status_code=200)
    async def extend(
        self,
        round_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        data: JSONBody[ExtendBody | None] = None,
    ) -> RoundBodyView:
        """Moves the end of an open round."""
        name, body = str(round_id), data or ExtendBody()
        command = ExtendRound(round_id=name, extend_s=body.extend_s)
        return await services.rounds.step(name, identity, command)

    @post("/close", operation_id="closeRound", status_code=200)
    async def close(
        self, round_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> RoundBodyView:
        """Ends an open round now."""
        name = str(round_id)
        return await services.rounds.step(name, identity, CloseRound(round_id=name))

    @post("/reveal", operation_id="revealRound", status_code=200)
    async def reveal(
        self, round_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> RoundBodyView:
        """Shows the result of a round that was hidden."""
        name = str(round_id)
        return await services.rounds.step(name, identity, RevealRound(round_id=name))

    @post("/vote", operation_id="vote", status_code=200)
    async def vote(
        self,
        round_id: PathId,
        data: JSONBody[VoteBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> VoteView:
        """200 once the vote is durable; the same ``command_id`` again is the same vote."""
        return await services.rounds.vote(str(round_id), identity, data)
