"""``python -m loadtests.faults.kill9``: the whole server killed under load, again and again.

One data folder, fifty clients that edit, vote and chat, ``kill -9`` of every process (the web
node, the worker, PostgreSQL and Valkey) at a random moment, a restart, and a comparison of what
was acknowledged with what is there: first by a fresh observer while all clients stay away (a
client that merges its document could hide a loss), then with everybody back.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import click

from loadtests.faults import processes, setting, verdict
from loadtests.faults.processes import Command
from loadtests.faults.worker import Worker
from loadtests.wire import ApiClient, RoomClient
from loadtests.wire.api import open_session
from loadtests.wire.messages import EventMessage

CLIENTS = 50
OPTIONS = 5
ROUNDS_PER_SHOW = 10
"""A new show now and then: its log stays short and a fresh room is tested as well."""
LOAD_S = (0.3, 2.5)
"""Seconds of load before the kill."""
SETTLE_TIMEOUT_S = 60.0
PROMISED_TIMEOUT_S = 60.0
"""A kill waits for as long as nothing was promised: it would show nothing."""


@dataclass(slots=True)
class RoundReport:
    """One kill."""

    number: int
    load_s: float
    killed: int
    restart_s: float
    votes: int = 0
    chat_lines: int = 0
    edits: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """All kills of one run."""

    seed: int
    rounds: list[RoundReport] = field(default_factory=list)
    shows: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Every broken promise, with the round it was found in."""
        return [f"round {r.number}: {p}" for r in self.rounds for p in r.problems]


class Kill9:
    """The test rig. Use as ``async with``."""

    def __init__(self, data_dir: Path, seed: int, clients: int = CLIENTS) -> None:
        self.server: Command = processes.up(data_dir, data_dir / "up.log")
        self.report = Report(seed)
        self._rng = random.Random(seed)
        self._clients = clients
        self._stack = AsyncExitStack()
        self._guests: list[ApiClient] = []
        self._workers: list[Worker] = []
        self._show: dict[str, Any] = {}

    async def __aenter__(self) -> Kill9:
        await self.server.start()
        self._session: aiohttp.ClientSession = await self._stack.enter_async_context(open_session())
        self._crew = await setting.new_crew(self.server.url, self._session)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._dismiss()
        await self._stack.aclose()
        await self.server.stop()

    async def run(self, rounds: int) -> Report:
        """Kills the server ``rounds`` times."""
        for number in range(rounds):
            if number % ROUNDS_PER_SHOW == 0:
                await self._new_show()
            report = await self._one_round(number)
            self.report.rounds.append(report)
            click.echo(
                f"{number + 1:>4}/{rounds}  load {report.load_s:4.2f} s  killed "
                f"{report.killed:>2} processes  back after {report.restart_s:4.1f} s  "
                f"votes {report.votes}  chat {report.chat_lines}  edits {report.edits}  "
                f"{'BROKEN' if report.problems else 'kept'}"
            )
            for problem in report.problems[:20]:
                click.echo(f"      {problem}")
        return self.report

    # --- one kill -------------------------------------------------------------------------

    async def _one_round(self, number: int) -> RoundReport:
        show_id = str(self._show["id"])
        round_id = await setting.open_round(self._crew, show_id, setting.single_choice(OPTIONS))
        for worker in self._workers:
            worker.begin(round_id, OPTIONS)
        witness = self._workers[0].room
        epoch, after_seq = str(witness.place.epoch), witness.place.seq
        load_s = self._rng.uniform(*LOAD_S)
        acting = [asyncio.create_task(worker.act()) for worker in self._workers]
        await asyncio.sleep(load_s)
        await witness.until(self._enough_promised, PROMISED_TIMEOUT_S)
        for worker in self._workers:
            worker.stop()
            worker.room.stay_away()
            worker.promise.welcomed_again = False
            worker.promise.ballot_after = None
        killed = await self.server.kill_family()
        await asyncio.gather(*(w.room.until(_is_away(w)) for w in self._workers))
        began = time.monotonic()
        await self.server.start()
        report = RoundReport(number + 1, load_s, killed, time.monotonic() - began)
        self._count(report)
        report.problems += await self._check_alone(show_id, epoch, after_seq)
        await self._come_back(acting)
        report.problems += verdict.ballots_are_kept(self._workers)
        report.problems += await self._check_together(show_id, epoch, after_seq, round_id)
        return report

    def _enough_promised(self) -> bool:
        """A vote of every other client, and of each third a chat line and an edit."""
        voters = sum(w.promise.vote_acked is not None for w in self._workers)
        talkers = sum(bool(w.promise.chat_acked) for w in self._workers)
        editors = sum(
            any(edit.is_saved for promise in w.entries.values() for edit, _ in promise.since)
            for w in self._workers
        )
        return 2 * voters >= self._clients and 3 * min(talkers, editors) >= self._clients

    def _count(self, report: RoundReport) -> None:
        for worker in self._workers:
            before = sum(len(promise.since) for promise in worker.entries.values())
            worker.settle()
            after = sum(len(promise.since) for promise in worker.entries.values())
            report.edits += before - after
            report.votes += worker.promise.vote_acked is not None
            report.chat_lines += len(worker.promise.chat_acked)

    async def _check_alone(self, show_id: str, epoch: str, after_seq: int) -> list[str]:
        """What a stranger finds before any client has come back."""
        async with self._observer(show_id, epoch, after_seq) as (room, events):
            titles = {entry.entry_id: entry.title for entry in room.setlist.entries()}
            return [
                *([] if _recovered(room) else ["the log could not be resumed after the restart"]),
                *verdict.log_is_whole(events, after_seq),
                *verdict.chat_is_kept(self._workers, events),
                *verdict.entries_are_kept(self._workers, titles),
            ]

    async def _come_back(self, acting: list[asyncio.Task[None]]) -> None:
        for worker in self._workers:
            worker.room.go_online()
        await asyncio.wait_for(asyncio.gather(*acting), SETTLE_TIMEOUT_S)
        for worker in self._workers:
            await worker.room.entered(SETTLE_TIMEOUT_S)
            await worker.room.until(_all_saved(worker), SETTLE_TIMEOUT_S)
            worker.settle()

    async def _check_together(
        self, show_id: str, epoch: str, after_seq: int, round_id: str
    ) -> list[str]:
        """What is there once everything in flight was answered."""
        result = await setting.close_round(self._crew, round_id)
        async with self._observer(show_id, epoch, after_seq) as (room, events):
            head = room.place.seq
            for worker in self._workers:
                await worker.room.until(_has_reached(worker, head), SETTLE_TIMEOUT_S)
            titles = {entry.entry_id: entry.title for entry in room.setlist.entries()}
            return [
                *verdict.log_is_whole(events, after_seq),
                *verdict.chat_is_kept(self._workers, events),
                *verdict.chat_is_complete(self._workers, events),
                *verdict.tally_is_exact(self._workers, result),
                *verdict.entries_are_kept(self._workers, titles),
                *verdict.documents_are_equal(self._workers, titles),
                *verdict.nothing_broken(self._workers),
            ]

    @asynccontextmanager
    async def _observer(
        self, show_id: str, epoch: str, after_seq: int
    ) -> AsyncIterator[tuple[RoomClient, list[EventMessage]]]:
        """A stranger with an empty document who asks for the log after ``after_seq``."""
        api = await setting.new_guest(self.server.url, self._session, "Observer")
        events: list[EventMessage] = []
        room = RoomClient(api, show_id, on_event=events.append)
        room.place.epoch, room.place.seq = epoch, after_seq
        async with room:
            await room.entered(SETTLE_TIMEOUT_S)
            await room.until(lambda: _caught_up(room), SETTLE_TIMEOUT_S)
            yield room, events

    # --- shows ----------------------------------------------------------------------------

    async def _new_show(self) -> None:
        await self._dismiss()
        self._show = await setting.live_show(self._crew, "Killed")
        self.report.shows.append(str(self._show["id"]))
        while len(self._guests) < self._clients:
            name = f"w{len(self._guests)}"
            self._guests.append(await setting.new_guest(self.server.url, self._session, name))
        for number, guest in enumerate(self._guests):
            seed = self._rng.getrandbits(64)
            worker = Worker(f"w{number}", guest, str(self._show["id"]), seed)
            await worker.room.__aenter__()
            self._workers.append(worker)
        await asyncio.gather(*(worker.room.entered() for worker in self._workers))

    async def _dismiss(self) -> None:
        await asyncio.gather(*(worker.room.close() for worker in self._workers))
        self._workers = []


def _is_away(worker: Worker) -> Any:
    return lambda: not worker.room.connected


def _all_saved(worker: Worker) -> Any:
    return lambda: worker.room.ledger.unsaved == 0


def _has_reached(worker: Worker, seq: int) -> Any:
    return lambda: worker.room.place.seq >= seq


def _caught_up(room: RoomClient) -> bool:
    return room.welcome is not None and room.place.seq >= room.welcome.seq


def _recovered(room: RoomClient) -> bool:
    return room.welcome is not None and room.welcome.recovered


async def run(
    rounds: int, seed: int, clients: int = CLIENTS, data_dir: Path | None = None
) -> Report:
    """Runs the whole test in a folder of its own, removed afterwards."""
    folder = data_dir or processes.data_folder("setroom-kill9-")
    try:
        async with Kill9(folder, seed, clients) as rig:
            return await rig.run(rounds)
    finally:
        if data_dir is None:
            shutil.rmtree(folder, ignore_errors=True)


@click.command()
@click.option("--rounds", default=100, show_default=True, help="How often the server is killed.")
@click.option("--clients", default=CLIENTS, show_default=True)
@click.option("--seed", type=int, help="Repeats the same load and moments; random by default.")
def main(rounds: int, clients: int, seed: int | None) -> None:
    """Kill the whole server under load and compare what was promised with what is there."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    click.echo(f"seed {chosen}")
    began = time.monotonic()
    report = asyncio.run(run(rounds, chosen, clients))
    took_s = time.monotonic() - began
    votes = sum(r.votes for r in report.rounds)
    lines = sum(r.chat_lines for r in report.rounds)
    edits = sum(r.edits for r in report.rounds)
    click.echo(
        f"{rounds} kills in {took_s:.0f} s: {votes} ballots, {lines} chat lines and {edits} "
        f"edits were promised at the moment of a kill; {len(report.problems)} promises broken"
    )
    if report.problems:
        raise click.ClickException(f"promises were broken, seed {chosen}")


if __name__ == "__main__":
    main()
