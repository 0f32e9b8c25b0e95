"""Setlists that several people edit at once: recorded sessions of real people, and made-up ones.

Each room has editors and readers, all with full replicas of the document. Recorded keystrokes of
two people in one text (friendsforever) and of one programmer (sveltecomponent) are mapped to edits
of entries (loadtests/scenarios/traces/mapping.py says how); the third source makes edits up, many
of them of the same entries at once. Every edit counts from its due moment until it is durable and
until each replica has it. At the end all replicas, and the list that the server tells over HTTP,
must be the same.
"""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.crowd import Crowd, http, settled
from loadtests.kit.pacing import steady
from loadtests.kit.player import Player
from loadtests.kit.scenario import Check, Scenario, Stage, check, equal, nothing_wrong
from loadtests.scenarios import editors
from loadtests.scenarios.editors import Editor
from loadtests.scenarios.lines import part_of
from loadtests.scenarios.sightings import EditSightings, Replica
from loadtests.scenarios.traces import library
from loadtests.scenarios.traces.mapping import TraceEdit
from loadtests.wire import ApiClient, SetlistDocument

GENERATED = "generated"
SOURCES = (*library.TRACES, GENERATED)
BURST = 4.0
"""A trace's own bursts are kept up to so many times the rate."""

SEGMENT = 7
"""Edits in a row that one editor makes of a trace with a single writer."""

SEEN_TIMEOUT_S = 60.0


class EditingOptions(Struct, frozen=True):
    """How much of what."""

    source: Annotated[
        Literal["all", "friendsforever", "sveltecomponent", "generated"],
        Meta(description="Whose edits; all: a room for each."),
    ] = "all"
    editors: Annotated[int, Meta(description="Who edit, in each room.", ge=2)] = 8
    readers: Annotated[int, Meta(description="Further replicas in each room.", ge=0)] = 12
    rate: Annotated[float, Meta(description="Edits a second in each room.", gt=0)] = 20.0
    seconds: Annotated[float, Meta(description="How long.", gt=0)] = 20.0


class EditingShare(Struct, frozen=True):
    """The rooms of one process: show and source."""

    rooms: list[tuple[str, str]]


class RoomFinding(Struct, frozen=True):
    """What became of one room."""

    source: str
    edits: int
    idle: int
    refused: int
    lost: int
    unseen: int
    pictures: list[str]
    entries: int
    matches_server: bool
    violations: list[str]


class EditingFinding(Struct, frozen=True):
    """All rooms of a process."""

    rooms: list[RoomFinding]


class Editing(Scenario[EditingOptions, EditingShare, EditingFinding]):
    """See the module."""

    name: ClassVar[str] = "editing"
    title: ClassVar[str] = "Editing: setlists that many write at once"
    operations: ClassVar = {
        "edit to replica": "an edit, from its due moment to each other replica",
        "edit to everybody": "an edit, from its due moment until the last replica has it",
        "edit saved": "an edit, from its due moment until the server calls it durable",
    }
    headline: ClassVar = ("edit to everybody", "edit saved")
    options_type = EditingOptions
    share_type = EditingShare
    finding_type = EditingFinding

    def _sources(self) -> list[str]:
        return list(SOURCES) if self.options.source == "all" else [self.options.source]

    def processes(self) -> int:
        """One for each room: a full replica is not a thin one."""
        return len(self._sources())

    def seconds(self) -> float:
        """As asked for."""
        return self.options.seconds

    async def prepare(self, stage: Stage) -> list[EditingShare]:
        """A room for each source."""
        rooms = [
            (str((await setting.live_show(stage.crew, f"Editing {source}"))["id"]), source)
            for source in self._sources()
        ]
        count = min(stage.processes, len(rooms))
        return [EditingShare(part_of(rooms, count, number)) for number in range(count)]

    async def play(self, player: Player, share: EditingShare) -> EditingFinding:
        """Its rooms."""
        async with http(player.address) as session:
            crowd = Crowd(player, session)
            rooms = []
            for show_id, source in share.rooms:
                people = await crowd.admit(show_id, self.options.editors + self.options.readers)
                room = _Room(self.options, player, source, show_id, [fan.api for fan in people])
                await room.enter()
                rooms.append(room)
            await player.ready()
            await asyncio.gather(*(room.play() for room in rooms))
            return EditingFinding([await room.found() for room in rooms])

    async def judge(self, stage: Stage, findings: list[EditingFinding]) -> list[Check]:
        """All replicas equal, and the server's list too."""
        rooms = [room for finding in findings for room in finding.rooms]
        stage.figures |= {f"edits, {room.source}": room.edits for room in rooms}
        stage.figures |= {f"entries at the end, {room.source}": room.entries for room in rooms}
        replicas = self.options.editors + self.options.readers
        return [
            *(
                check(
                    f"all {replicas} replicas are equal ({room.source})",
                    len(room.pictures) == 1,
                    "" if len(room.pictures) == 1 else f"{len(room.pictures)} different",
                )
                for room in rooms
            ),
            nothing_wrong(
                "the server's list over HTTP is the replicas'",
                [room.source for room in rooms if not room.matches_server],
            ),
            equal("every edit was called durable", sum(r.lost for r in rooms), 0),
            equal("no edit was refused", sum(r.refused for r in rooms), 0),
            equal("every edit reached every replica", sum(r.unseen for r in rooms), 0),
            nothing_wrong("every log is whole", [v for r in rooms for v in r.violations]),
        ]


class _Room:
    """One room, its editors and its readers."""

    def __init__(
        self,
        options: EditingOptions,
        player: Player,
        source: str,
        show_id: str,
        people: list[ApiClient],
    ) -> None:
        self._options = options
        self._player = player
        self._source = source
        self._show_id = show_id
        self._people = people
        self._rng = random.Random(f"{player.rng.random()}/{source}")
        self._sightings = EditSightings(player.recorder, len(people) - 1)
        self._everybody: list[Editor] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = 0
        count = round(options.rate * options.seconds)
        self._edits = [] if source == GENERATED else library.packed(source).edits[:count]

    async def enter(self) -> None:
        """Everybody, with the whole list."""
        for api in self._people:
            own = random.Random(self._rng.getrandbits(64))
            replica = Replica(
                api, self._show_id, self._sightings, rng=own, fresh_document_on_refusal=True
            )
            await replica.__aenter__()
            self._everybody.append(Editor(replica, own))
        await asyncio.gather(*(one.room.entered(60.0) for one in self._everybody))

    async def play(self) -> None:
        """All edits, at their moments."""
        seconds, rate = self._options.seconds, self._options.rate
        due = moments(self._edits, seconds, rate) if self._edits else list(steady(rate, seconds))
        await self._player.pace(due, self._send)
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def _send(self, number: int, due: float) -> None:
        writers = self._options.editors
        if self._edits:
            edit = self._edits[number]
            # Two recorded writers stay two people; one is several who take turns.
            turn = edit.writer if self._source == "friendsforever" else number // SEGMENT
            work = self._trace_edit(self._everybody[turn % writers], edit, due)
        else:
            work = self._made_up(self._everybody[self._rng.randrange(writers)], due)
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _made_up(self, editor: Editor, due: float) -> None:
        await editor.edit(due, self._player.recorder)
        self._sightings.made(editor.room, due)

    async def _trace_edit(self, editor: Editor, edit: TraceEdit, due: float) -> None:
        me = editor.room.participant_id
        done: list[bool] = []
        sent = await editor.room.edit(partial(_carry_out, edit=edit, me=me, done=done))
        if not done[0]:
            # Nothing was written, so nothing was sent: there is nothing to wait for.
            self._idle += 1
            editor.room.ledger.drop(sent)
            return
        editor.edits += 1
        editor.watch(sent, due, self._player.recorder)
        self._sightings.made(editor.room, due)

    async def found(self) -> RoomFinding:
        """What all replicas, and the server, show in the end."""
        pictures = await editors.agree(self._everybody)
        await settled(lambda: self._sightings.unseen == 0, SEEN_TIMEOUT_S)
        first = self._everybody[0].room
        told = await first.api.get(f"/api/shows/{self._show_id}/setlist")
        ours = [(e.entry_id, e.title, e.section, e.position) for e in first.setlist.entries()]
        theirs = [(e["id"], e["title"], e["section"], e["position"]) for e in told["entries"]]
        finding = RoomFinding(
            source=self._source,
            edits=sum(one.edits for one in self._everybody),
            idle=self._idle,
            refused=sum(one.refused for one in self._everybody),
            lost=sum(one.lost for one in self._everybody),
            unseen=self._sightings.unseen,
            pictures=sorted(pictures),
            entries=len(ours),
            matches_server=ours == theirs,
            violations=[v for one in self._everybody for v in one.room.place.violations],
        )
        for one in self._everybody:
            await one.room.close()
        return finding


def _carry_out(setlist: SetlistDocument, *, edit: TraceEdit, me: str, done: list[bool]) -> None:
    done.append(library.carry_out(setlist, edit, me))


def moments(edits: list[TraceEdit], seconds: float, rate: float) -> list[float]:
    """Due moments of a trace's edits within ``seconds``: its own rhythm, its pauses and bursts,
    but no burst above `BURST` times the rate."""
    whole_ms = max(1, edits[-1].at_ms - edits[0].at_ms)
    spacing_s = 1 / (BURST * rate)
    due: list[float] = []
    for edit in edits:
        at = (edit.at_ms - edits[0].at_ms) / whole_ms * seconds
        due.append(max(at, due[-1] + spacing_s) if due else at)
    return due
