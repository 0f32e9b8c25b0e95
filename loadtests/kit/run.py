"""One run, from the server to the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import aiohttp
import msgspec

from loadtests.faults import processes, setting
from loadtests.faults.processes import Command
from loadtests.kit import bottleneck, growth
from loadtests.kit.address import Address
from loadtests.kit.crowd import http
from loadtests.kit.fleet import Fleet, Orders
from loadtests.kit.result import (
    Machine,
    Result,
    Target,
    moments_of,
    operations_of,
)
from loadtests.kit.scenario import Scenario, Stage
from loadtests.kit.timeline import Timeline
from loadtests.kit.watch import Watch
from loadtests.wire import ApiClient
from loadtests.wire.api import Credentials

AnyScenario = Scenario[Any, Any, Any]
PHASE_STARTING = "starting a server of its own"


@dataclass(frozen=True)
class Plan:
    """What somebody asked for.

    Attributes:
        url: of a server that runs; ``None``: start one.
        crew_email, crew_password, crew_token: who drives the shows there; without them an
            account is signed up.
        processes: of the generator; ``None``: as many as the scenario thinks; 0: in this one.
        after: runs later than the judgement, while the server still does (tests look at it).
    """

    seed: int
    url: str | None = None
    crew_email: str | None = None
    crew_password: str | None = None
    crew_token: str | None = None
    processes: int | None = None
    verify: bool = True


class View(Protocol):
    """Who watches a run."""

    def begin(self, scenario: AnyScenario, timeline: Timeline, watch: Watch) -> None:
        """A run is about to begin."""
        ...

    def phase(self, text: str) -> None:
        """What is being done now."""
        ...

    def started(self, seconds: float) -> None:
        """The measured part begins."""
        ...

    def say(self, text: str) -> None:
        """A line."""
        ...

    def end(self) -> None:
        """Nothing more comes."""
        ...


async def run(scenario: AnyScenario, plan: Plan, view: View) -> Result:
    """Runs a scenario; a result whatever was found out.

    Raises:
        GeneratorFailed: the load could not be played.
        ServerFailed: the own server did not come up.
        ApiProblem, aiohttp.ClientError: the server could not be set up.
    """
    timeline, watch = Timeline(), Watch()
    view.begin(scenario, timeline, watch)
    load_before = os.getloadavg()[0]
    try:
        async with _server(scenario, plan, view) as (address, command), http(address) as session:
            crew = await _crew(address, session, plan)
            stage = Stage(
                address=address,
                session=session,
                crew=crew,
                seed=plan.seed,
                processes=max(1, _processes(scenario, plan)),
                timeline=timeline,
                watch=watch,
                own_server=command is not None,
                say=view.say,
            )
            sampling = watch.own(command) if command else watch.other(address.url, session)
            watching = asyncio.create_task(sampling)
            try:
                return await _play(scenario, plan, stage, view, load_before)
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
    finally:
        view.end()


async def _play(
    scenario: AnyScenario, plan: Plan, stage: Stage, view: View, load_before: float
) -> Result:
    view.phase("setting the stage")
    began = datetime.now(UTC)
    shares = await scenario.prepare(stage)
    fleet = Fleet(stage.timeline, view.say)
    stage.tell = fleet.tell
    try:
        fleet.launch(_orders(scenario, plan, stage, shares), inside=_processes(scenario, plan) == 0)
        view.phase("letting the crowd in")
        await fleet.ready()
        stage.started_at = stage.watch.started_at = fleet.go()
        view.started(scenario.seconds())
        conducting = asyncio.create_task(scenario.conduct(stage))
        hearing = asyncio.create_task(fleet.findings())
        await asyncio.wait({conducting, hearing}, return_when=asyncio.FIRST_COMPLETED)
        if conducting.done():
            conducting.result()  # What broke the crew's part breaks the run.
        raw = await hearing
        # The last words of the crew's part belong to the judgement.
        if not conducting.done():
            conducting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await conducting
        seconds = time.monotonic() - stage.started_at
        view.phase("judging")
        findings = [msgspec.msgpack.decode(one, type=scenario.finding_type) for one in raw]
        checks = await scenario.judge(stage, findings)
    finally:
        await fleet.end()
    grown = growth.judge(stage.watch.samples, scenario.warm_up_s())
    if scenario.watches_growth:
        looked_at_s = seconds - scenario.warm_up_s()
        checks += growth.checks(grown, looked_at_s)
        if looked_at_s < growth.SECONDS_MIN:
            stage.notes.append(
                f"{looked_at_s / 60:.1f} min after the warm-up are too few to judge memory"
                f" ({growth.SECONDS_MIN / 60:.0f} are needed): trends are shown, not judged"
            )
    return Result(
        schema_version=1,
        scenario=scenario.name,
        title=scenario.title,
        seed=plan.seed,
        options=msgspec.to_builtins(scenario.options),
        started_at=began.isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        machine=_machine(load_before),
        target=Target(stage.address.url, stage.own_server, stage.watch.known, stage.watch.why_not),
        operations=operations_of(stage.timeline, dict(scenario.operations)),
        counters=dict(sorted(stage.timeline.counters.items())),
        figures=stage.figures,
        interval_s=stage.timeline.interval_s,
        timeline=moments_of(stage.timeline),
        generators=bottleneck.use_of(stage.timeline.generators),
        bottleneck=bottleneck.judge(stage.timeline.generators),
        server=stage.watch.samples,
        growth=grown if scenario.watches_growth else [],
        checks=checks,
        verdict="kept" if all(one.held for one in checks) else "broken",
        notes=stage.notes,
    )


def _orders(scenario: AnyScenario, plan: Plan, stage: Stage, shares: list[Any]) -> list[Orders]:
    kind = type(scenario)
    return [
        Orders(
            module=kind.__module__,
            scenario=kind.__name__,
            options=msgspec.msgpack.encode(scenario.options),
            share=msgspec.msgpack.encode(share),
            address=stage.address,
            seed=plan.seed,
            number=number,
        )
        for number, share in enumerate(shares)
    ]


def _processes(scenario: AnyScenario, plan: Plan) -> int:
    return scenario.processes() if plan.processes is None else plan.processes


@asynccontextmanager
async def _server(
    scenario: AnyScenario, plan: Plan, view: View
) -> AsyncIterator[tuple[Address, Command | None]]:
    async with scenario.surroundings(plan.seed, plan.url is None) as environment:
        if plan.url is not None:
            yield Address.parse(plan.url, plan.verify), None
            return
        view.phase(PHASE_STARTING)
        folder = processes.data_folder("setroom-load-")
        command = processes.up(folder, folder / "up.log", environment=environment)
        try:
            await command.start()
            yield Address.parse(command.url), command
        finally:
            await command.stop()
            shutil.rmtree(folder, ignore_errors=True)


async def _crew(address: Address, session: aiohttp.ClientSession, plan: Plan) -> ApiClient:
    api = ApiClient(address.url, session)
    if plan.crew_token:
        api.credentials = Credentials(plan.crew_token, "", float("inf"), "")
        return api
    if plan.crew_email and plan.crew_password:
        await api.login(plan.crew_email, plan.crew_password)
        return api
    return await setting.new_crew(address.url, session)


def _machine(load_before: float) -> Machine:
    return Machine(
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        platform=platform.platform(),
        load_before=round(load_before, 2),
        load_after=round(os.getloadavg()[0], 2),
    )
