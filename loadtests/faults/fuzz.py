"""``python -m loadtests.faults.fuzz``: hostile clients over real sockets, beside honest ones.

Two lanes. In the first, nothing of what the attackers send may be taken, and the honest people's
bytes must be *identical* to those of a run without attackers. In the second, updates are repaired
(the setlist is locked, so nothing of them may be visible): events and every state of the document
must be the same. Afterwards each attacker makes an honest edit, and it must arrive.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import aiohttp
import click

from loadtests.faults import processes, setting
from loadtests.faults.attacker import Attacker, Outcomes
from loadtests.faults.hostile import frame_inputs, text_inputs, yjs_inputs
from loadtests.faults.hostile.inputs import Knowledge, Maker
from loadtests.faults.neighbours import ARTIST_CLIENT, STEPS, Neighbours, exact, visible
from loadtests.wire import ApiClient, SetlistDocument
from loadtests.wire.api import open_session

INPUTS = 100_000
ATTACKERS = 24
INPUTS_PER_EPISODE = 4_000
"""A room of its own for so many: repaired updates leave their mark on a document's size."""
GOOD_EDIT_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Lane:
    """Which inputs, and how strictly the neighbours' bytes are compared."""

    name: str
    makers: tuple[tuple[Maker, int], ...]
    locked: bool


LANES = (
    Lane("taken by nobody", text_inputs.MAKERS + frame_inputs.MAKERS + yjs_inputs.CLOSING, False),
    Lane("repaired", yjs_inputs.REPAIRABLE, True),
)


@dataclass(slots=True)
class FuzzReport:
    """What came of a run."""

    seed: int
    outcomes: Outcomes = field(default_factory=Outcomes)
    problems: list[str] = field(default_factory=list)
    overtaken: int = 0
    """Edits of the artist that had to be made again, because a refused one got in between."""


class Fuzz:
    """The rig on a running server."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession, crew: ApiClient, seed: int
    ) -> None:
        self._url = url
        self._session = session
        self._crew = crew
        self._rng = random.Random(seed)
        self._foreign_round = ""
        self.report = FuzzReport(seed)

    async def run(self, inputs: int, attackers: int = ATTACKERS) -> FuzzReport:
        """Sends about ``inputs`` hostile inputs in episodes, both lanes in turn."""
        foreign = await setting.live_show(self._crew, "Another show")
        config = setting.single_choice(2)
        self._foreign_round = await setting.open_round(self._crew, str(foreign["id"]), config)
        done, number = 0, 0
        told: set[str] = set()
        while done < inputs:
            lane = LANES[number % len(LANES)]
            share = min(INPUTS_PER_EPISODE, inputs - done)
            share = min(share, -(-inputs // len(LANES)))
            seed = self._rng.getrandbits(32)
            began = time.monotonic()
            await self._episode(lane, seed, share, attackers)
            took_s = time.monotonic() - began
            done += share
            number += 1
            click.echo(
                f"{done:>7}/{inputs}  {lane.name:<16} {share / took_s:6.0f} inputs/s  "
                f"{len(self.report.outcomes.unexpected)} unexpected  "
                f"{len(self.report.problems)} problems"
            )
            for line in (*self.report.outcomes.unexpected, *self.report.problems):
                if line not in told:
                    click.echo(f"! {line}")
                    told.add(line)
        return self.report

    async def attacked_room(self, lane: Lane, inputs: int, attackers: int) -> Neighbours:
        """One attacked room, left as it is: for whoever wants to judge its bytes."""
        seed = self._rng.getrandbits(32)
        neighbours = Neighbours(self._url, self._session, self._crew, seed, locked=lane.locked)
        async with neighbours:
            crowd = _Crowd(self, lane, seed, inputs, attackers, self._foreign_round)
            await crowd.attack_during(neighbours)
            await neighbours.finish()
        return neighbours

    async def _episode(self, lane: Lane, seed: int, inputs: int, attackers: int) -> None:
        alone = await self._play(lane, seed, None)
        crowd = _Crowd(self, lane, seed, inputs, attackers, self._foreign_round)
        attacked = await self._play(lane, seed, crowd)
        for listener, (wanted, got) in {
            "listener": (alone[0], attacked[0]),
            "plain listener": (alone[1], attacked[1]),
        }.items():
            if wanted != got:
                self.report.problems.append(
                    f"{lane.name}, {seed}: {_difference(listener, wanted, got)}"
                )

    async def _play(
        self, lane: Lane, seed: int, crowd: _Crowd | None
    ) -> tuple[Sequence[str | bytes], Sequence[str | bytes]]:
        async with Neighbours(
            self._url, self._session, self._crew, seed, locked=lane.locked
        ) as neighbours:
            if crowd is None:
                for number in range(STEPS):
                    await neighbours.step(number)
            else:
                await crowd.attack_during(neighbours)
            await neighbours.finish()
            self.report.overtaken += neighbours.overtaken
            people = neighbours.people()
            seen: tuple[Sequence[str | bytes], Sequence[str | bytes]]
            if lane.locked:
                seen = (
                    visible(list(neighbours.frames), people, neighbours.initial),
                    visible(list(neighbours.plain_frames), people, neighbours.initial),
                )
            else:
                seen = exact(neighbours.frames, people), exact(neighbours.plain_frames, people)
            if crowd is not None:
                self.report.problems += await crowd.make_good(neighbours)
            return seen


class _Crowd:
    """The attackers of one episode."""

    def __init__(
        self, fuzz: Fuzz, lane: Lane, seed: int, inputs: int, attackers: int, foreign_round: str
    ) -> None:
        self._fuzz = fuzz
        self._lane = lane
        self._rng = random.Random(seed ^ 0xBAD)
        self._inputs = inputs
        self._count = attackers
        self._foreign_round = foreign_round
        self._attackers: list[Attacker] = []

    async def attack_during(self, neighbours: Neighbours) -> None:
        """Plays the neighbours' steps while the attackers are at work, spread over it."""
        outcomes = self._fuzz.report.outcomes
        begun = outcomes.inputs
        self._attackers = [await self._attacker(neighbours) for _ in range(self._count)]
        share = -(-self._inputs // self._count)
        attacking = asyncio.gather(*(attacker.attack(share) for attacker in self._attackers))
        for number in range(STEPS):
            due = begun + self._inputs * number // STEPS
            while outcomes.inputs < due and not attacking.done():
                await asyncio.wait({attacking}, timeout=0.02)
            await neighbours.step(number)
        await attacking

    async def make_good(self, neighbours: Neighbours) -> list[str]:
        """Every attacker's honest edit arrives; so does the artist's next one."""
        if self._lane.locked:
            await neighbours.artist.command("unlock_setlist")
        titles = {f"Sorry {number}" for number in range(len(self._attackers))}
        for attacker, title in zip(self._attackers, sorted(titles), strict=True):
            await attacker.good_edit(title)
        me = neighbours.artist.participant_id
        await neighbours.artist.edit(lambda s: s.add("The artist's next", "set1", me))
        titles.add("The artist's next")

        def there() -> bool:
            return titles <= {entry.title for entry in neighbours.listener.setlist.entries()}

        with contextlib.suppress(TimeoutError):
            await neighbours.listener.until(there, GOOD_EDIT_TIMEOUT_S)
        have = {entry.title for entry in neighbours.listener.setlist.entries()}
        return [f"good edit {title!r} did not arrive" for title in sorted(titles - have)]

    async def _attacker(self, neighbours: Neighbours) -> Attacker:
        fuzz = self._fuzz
        api = await setting.new_guest(fuzz._url, fuzz._session, "Guest")
        rng = random.Random(self._rng.getrandbits(64))
        know = Knowledge(
            rng=rng,
            setlist=SetlistDocument(rng),
            me="",
            victim=neighbours.artist.participant_id,
            victim_client=ARTIST_CLIENT,
            foreign_round=self._foreign_round,
            open_round=neighbours.round_id,
        )
        return Attacker(api, neighbours.show_id, know, self._lane.makers, fuzz.report.outcomes)


def _difference(who: str, wanted: Sequence[str | bytes], got: Sequence[str | bytes]) -> str:
    for place, (a, b) in enumerate(zip(wanted, got, strict=False)):
        if a != b:
            return f"{who}'s frame {place} of {len(wanted)}: \n    {a!r:.1500}\n    {b!r:.1500}"
    return f"{who} got {len(got)} frames, {len(wanted)} without attackers"


@contextlib.asynccontextmanager
async def rig(url: str | None, seed: int) -> AsyncIterator[Fuzz]:
    """The rig on a server of its own, or on a running one that takes sign-ups."""
    async with contextlib.AsyncExitStack() as stack:
        if url is None:
            folder = processes.data_folder("setroom-fuzz-")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            server = processes.up(folder, folder / "up.log")
            stack.push_async_callback(server.stop)
            await server.start()
            url = server.url
        session = await stack.enter_async_context(open_session())
        crew = await setting.new_crew(url, session)
        yield Fuzz(url, session, crew, seed)


async def run(inputs: int, seed: int, url: str | None = None) -> FuzzReport:
    """Runs the whole test."""
    async with rig(url, seed) as fuzz:
        return await fuzz.run(inputs)


@click.command()
@click.option("--inputs", default=INPUTS, show_default=True, help="Hostile inputs in all.")
@click.option("--seed", type=int, help="Repeats a run's inputs; random by default.")
@click.option("--url", help="A running server; one is started without it.")
def main(inputs: int, seed: int | None, url: str | None) -> None:
    """Attack a room over real sockets and compare what its neighbours get."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    click.echo(f"seed {chosen}")
    began = time.monotonic()
    report = asyncio.run(run(inputs, chosen, url))
    for kind, counts in sorted(report.outcomes.counts.items()):
        shown = ", ".join(f"{outcome} {count}" for outcome, count in counts.most_common(8))
        click.echo(f"  {kind:<28} {sum(counts.values()):>7}  {shown}")
    click.echo(
        f"{report.outcomes.inputs} inputs in {time.monotonic() - began:.0f} s, seed {chosen}: "
        f"{len(report.outcomes.unexpected)} unexpected, {len(report.problems)} problems, "
        f"{report.overtaken} edits of the artist made again"
    )
    if report.outcomes.unexpected or report.problems:
        raise click.ClickException("the room did not hold")


if __name__ == "__main__":
    main()
