"""``/api/shows/{id}/results``: what was voted, to take along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.params import QueryParameter

from rooms.events import RoundResult
from rooms.show import ShowFacts
from rooms.states import RoundView
from rooms.views import in_order, round_view
from server.paths import PathId
from server.problems import not_allowed
from server.room_calls import RoomCalls
from server.rounds.schemas import OptionResult, ResultsBody, RoundOutcome
from server.security.authentication import CallerIdentity
from server.security.identity import Identity
from server.services import AppServices
from server.spreadsheets import Cell, csv_file

HEADER = (
    "round",
    "type",
    "method",
    "status",
    "opened_at",
    "closed_at",
    "option",
    "score",
    "supporters",
    "winner",
    "votes",
    "voters",
    "voters_web",
    "voters_sms",
    "held",
    "tie_rule",
    "config_hash",
    "seed",
)


class ResultsController(Controller):
    """A show's results."""

    path = "/api/shows/{show_id:str}/results"
    tags = ("after the show",)

    @get("/", operation_id="results", summary="All rounds of a show with their results")
    async def read(
        self,
        show_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        file_format: Annotated[Literal["json", "csv"], QueryParameter(name="format")] = "json",
    ) -> Response[ResultsBody]:
        """For crew, who see every result, hidden or not; as CSV one row per option."""
        facts, outcomes = await outcomes_of(services.calls, str(show_id), identity)
        if file_format == "csv":
            return csv_file(f"results-{show_id}", HEADER, _table(outcomes))
        body = ResultsBody(
            show_id=facts.show_id, title=facts.title, starts_at=facts.starts_at, rounds=outcomes
        )
        return Response(body, headers={"Cache-Control": "private, no-store"})


async def outcomes_of(
    calls: RoomCalls, show_id: str, identity: Identity
) -> tuple[ShowFacts, list[RoundOutcome]]:
    """All rounds that were opened, in their order, with what came out, as crew sees it.

    Raises:
        ApiError: ``unknown_show``, ``not_allowed``.
    """
    async with calls.look(show_id, identity) as call:
        if not call.is_crew:
            raise not_allowed("A show's results as a whole are for its crew.")
        records = in_order(call.room.replica.state.rounds.values())
        views = [round_view(record, {}, crew=True, voted=True) for record in records]
        facts = call.room.facts
    return facts, [_outcome(view) for view in views if view is not None and view.opened_at]


def _outcome(view: RoundView) -> RoundOutcome:
    result = view.result
    return RoundOutcome(
        round_id=view.round_id,
        title=view.config.title,
        type=view.config.type.value,
        method=view.config.tally.method.value,
        visibility=view.config.visibility.value,
        status=view.status,
        opened_at=view.opened_at,
        closed_at=view.closed_at,
        options=[] if result is None else list(_options(view, result)),
        result=result,
        config_hash=view.config_hash,
        seed_hash=view.seed_hash,
        superseded_by=view.superseded_by,
    )


def _options(view: RoundView, result: RoundResult) -> Iterator[OptionResult]:
    """In the order of the round; the wishes of a queue, which are no options, by their score."""
    known = {option.id: option for option in view.config.options}
    others = [one for one in result.options if one not in known]
    others.sort(key=lambda one: (-result.options[one], one))
    for option_id in (*known, *others):
        option = known.get(option_id)
        yield OptionResult(
            option_id=option_id,
            code=None if option is None else option.code,
            label=option.label if option is not None else result.labels.get(option_id, option_id),
            score=result.options.get(option_id, 0),
            supporters=result.supporters.get(option_id),
            winner=option_id in result.winners,
        )


def _table(outcomes: list[RoundOutcome]) -> Iterator[list[Cell]]:
    for outcome in outcomes:
        result = outcome.result
        common: list[Cell] = [
            outcome.title,
            outcome.type,
            outcome.method,
            outcome.status,
            outcome.opened_at,
            outcome.closed_at,
        ]
        if result is None:
            yield [*common, *[None] * 10, outcome.config_hash, None]
            continue
        for option in outcome.options:
            yield [
                *common,
                option.label,
                option.score,
                option.supporters,
                option.winner,
                result.votes,
                result.voters,
                result.channels.get("web", 0),
                result.channels.get("sms", 0),
                result.held,
                result.tie_rule,
                outcome.config_hash,
                result.seed,
            ]
