"""``/api/shows/{id}/rounds``, ``/api/rounds`` and the leaderboards."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get, post, put
from litestar.params import FromQuery, JSONBody

from rooms.commands import (
    CancelRound,
    CloseRound,
    DecideTie,
    ExtendRound,
    OpenRound,
    ReleaseVotes,
    RevealRound,
)
from rooms.rounds.presets import PresetLanguage
from rooms.states import Leaderboard
from server.paths import PathId
from server.rounds.schemas import (
    ExtendBody,
    HeldPage,
    JuryBody,
    JuryView,
    NewRoundBody,
    PresetPage,
    ReleaseBody,
    RoundBody,
    RoundBodyView,
    RoundPage,
    SupersedeBody,
    TieBody,
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
        data: JSONBody[NewRoundBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[RoundBodyView]:
        """201 with the draft, or with the open round where ``open`` was asked for."""

        async def produce(creation_id: str) -> RoundBodyView:
            return await services.rounds.create(str(show_id), creation_id, identity, data)

        return await services.idempotency.once(request, identity.account_id, produce)

    @get("/", operation_id="listRounds", summary="All rounds of a show")
    async def of_show(self, show_id: PathId, viewer: Viewer, services: AppServices) -> RoundPage:
        """Those that the caller may see: drafts are for crew."""
        return RoundPage(items=await services.rounds.of_show(str(show_id), viewer))


class NightController(Controller):
    """What belongs to a night's rounds as a whole."""

    path = "/api/shows/{show_id:str}"
    tags = ("rounds",)

    @get("/round-presets", operation_id="roundPresets", summary="Rounds ready to be opened")
    async def presets(
        self,
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        language: FromQuery[PresetLanguage] = PresetLanguage.EN,
    ) -> PresetPage:
        """Filled for this show from its setlist, suggestions, songs and line-up."""
        return PresetPage(items=await services.rounds.presets(str(show_id), identity, language))

    @put("/jury", operation_id="setJury", summary="Name the jury")
    async def jury(
        self,
        show_id: PathId,
        data: JSONBody[JuryBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> JuryView:
        """The whole jury as it is now."""
        named = await services.rounds.set_jury(str(show_id), identity, data.participant_ids)
        return JuryView(participant_ids=named)

    @get("/leaderboard", operation_id="showLeaderboard", summary="Songs over a show's rounds")
    async def leaderboard(
        self, show_id: PathId, viewer: Viewer, services: AppServices
    ) -> Leaderboard:
        """Over the results that the caller may see."""
        return await services.leaderboards.of_show(str(show_id), viewer)


class TourController(Controller):
    """A tour's rounds."""

    path = "/api/tours/{tour_id:str}"
    tags = ("rounds",)

    @get("/leaderboard", operation_id="tourLeaderboard", summary="Songs over a tour's rounds")
    async def leaderboard(self, tour_id: PathId, services: AppServices) -> Leaderboard:
        """Over the results of the tour's shows that everybody may see."""
        return await services.leaderboards.of_tour(str(tour_id))


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

    @post("/cancel", operation_id="cancelRound", status_code=200)
    async def cancel(
        self, round_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> RoundBodyView:
        """Takes a draft or an open round away without a result."""
        name = str(round_id)
        return await services.rounds.step(name, identity, CancelRound(round_id=name))

    @post("/tie", operation_id="decideTie", status_code=200)
    async def tie(
        self,
        round_id: PathId,
        data: JSONBody[TieBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> RoundBodyView:
        """The artist's choice among the options that are tied."""
        name = str(round_id)
        command = DecideTie(round_id=name, option_id=data.option_id)
        return await services.rounds.step(name, identity, command)

    @post("/supersede", operation_id="supersedeRound", summary="Correct a round that has run")
    async def supersede(
        self,
        request: Request[Any, Any, Any],
        round_id: PathId,
        data: JSONBody[SupersedeBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[RoundBodyView]:
        """201 with the new round: open if the old one was, otherwise a draft."""

        async def produce(creation_id: str) -> RoundBodyView:
            return await services.rounds.supersede(str(round_id), creation_id, identity, data)

        return await services.idempotency.once(request, identity.account_id, produce)

    @get("/held", operation_id="heldVotes", summary="Votes that wait for review")
    async def held(
        self, round_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> HeldPage:
        """For crew: what was held, and which of it came from one device."""
        return HeldPage(items=await services.rounds.held(str(round_id), identity))

    @post("/held/release", operation_id="releaseVotes", status_code=200)
    async def release(
        self,
        round_id: PathId,
        data: JSONBody[ReleaseBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> RoundBodyView:
        """Lets held votes count, while the round takes votes."""
        name = str(round_id)
        command = ReleaseVotes(round_id=name, participant_ids=data.participant_ids)
        return await services.rounds.step(name, identity, command)

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
