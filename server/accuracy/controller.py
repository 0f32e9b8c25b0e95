"""``/api/accuracy``, one's own reputation, and a show's confidence."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import JSONBody, QueryParameter

from server.accuracy.accuracy import HISTORY_PAGE_MAX, rule_body
from server.accuracy.schemas import (
    ConfidenceBody,
    ReputationBody,
    RuleBody,
    VerdictBody,
    VerdictView,
)
from server.paths import PathId
from server.security.authentication import CallerIdentity, Viewer
from server.services import AppServices


class AccuracyController(Controller):
    """How far setlist entries are to be believed."""

    path = "/api"
    tags = ("accuracy",)

    @get("/accuracy/rule", operation_id="accuracyRule", summary="How ratings are weighed")
    async def rule(self) -> RuleBody:
        """For everybody: the formula, its numbers and its version."""
        return rule_body()

    @get("/auth/profile/reputation", operation_id="reputation", summary="How far I am believed")
    async def reputation(
        self,
        identity: CallerIdentity,
        services: AppServices,
        cursor: Annotated[str | None, QueryParameter(max_length=300)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=HISTORY_PAGE_MAX)] = 20,
    ) -> ReputationBody:
        """The caller's own, and nobody else's."""
        return await services.accuracy.reputation(identity.account_id, cursor, limit)

    @get("/shows/{show_id:str}/confidence", operation_id="confidence", summary="Confidence")
    async def confidence(
        self, show_id: PathId, viewer: Viewer, services: AppServices
    ) -> ConfidenceBody:
        """Of every entry that somebody rated or vouched for."""
        return await services.accuracy.confidence(str(show_id), viewer)

    @post(
        "/shows/{show_id:str}/setlist/settle",
        operation_id="settleEntry",
        status_code=200,
        summary="Say what a recording tells of an entry",
    )
    async def settle(
        self,
        show_id: PathId,
        data: JSONBody[VerdictBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> VerdictView:
        """For curators and the show's crew. Said again under the same ``command_id``: once."""
        return await services.accuracy.settle(str(show_id), identity, data)
