"""A night: one seed, from the opening of the doors to the comparison at its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from rooms.commands import CreateRound, OpenRound
from rooms.messages import Ack
from rooms.participants import Participant, Role
from rooms.ports import RoundRecord, Turn
from rooms.rounds.windows import TAKES_VOTES
from storage.rooms.memory import MemoryRoomLog
from tests.simulation import doings
from tests.simulation.attendee import Attendee
from tests.simulation.carrier import Carrier
from tests.simulation.crash_points import CrashPoints, DieAt
from tests.simulation.database import Database
from tests.simulation.faults import Faults
from tests.simulation.ledger import Ledger
from tests.simulation.loop import Job, SeededLoop
from tests.simulation.plan import Plan, plan_of
from tests.simulation.sealing import SeededDocs, bury, sealed
from tests.simulation.site import Site
from tests.simulation.sockets import Outlets
from tests.simulation.story import Story, Violation
from tests.simulation.verdicts import judge
from tests.simulation.watch import Memory, Watch
from tests.simulation.wires import Wire
from tests.simulation.world import SHOW, T0, JumpingClock

SETTLES_S = 40.0
"""After the last fault everybody is where they should be within so long."""

REST_S = 3.0
"""What is conflated, repeated and healed comes to its end within so long."""

LATE_VOTES = 2
"""Of each fan, around the end of a round that ends by itself."""

QUIET_S = 0.6
"""What an event leads to has reached everybody within so long."""

STEPS_MAX = 2_000_000
BOUNDS = {
    "ROOM_IDLE_UNLOAD_S": 1.5,
    "EVENTS_IN_MEMORY_MAX": 2,
    "REPLAY_EVENTS_MAX": 60,
}
"""Limits that are smaller here, so that a short night meets them."""


@dataclass
class Outcome:
    """What became of a night.

    Attributes:
        violation: the promise that was broken, if one was.
        digest: of everything that happened; two runs of a seed have the same.
        counts: how often each kind of thing happened.
        lines: the story, where it was asked for.
    """

    seed: int
    digest: str
    steps: int
    events: int
    counts: dict[str, int]
    violation: Violation | None = None
    lines: list[str] = field(default_factory=list)


class Night:
    """Everything of one seed."""

    def __init__(
        self, plan: Plan, story: Story, docs: SeededDocs, outlets: Outlets, dice: Random
    ) -> None:
        self.outlets = outlets
        self.plan = plan
        self.story = story
        self.docs = docs
        self.dice = dice
        self.loop = SeededLoop(
            Random(dice.getrandbits(64)), shuffles=plan.shuffles, tick_s=plan.tick_s
        )
        self.loop.after_step = self._look
        self.crash_points = CrashPoints(story.counts)
        self._ids = 100
        self.people: dict[str, Participant] = {}
        crew = [self._person("Jerry", Role.ARTIST)]
        fans = [self._person(f"Fan {number}", Role.FAN) for number in range(plan.fans)]
        self.database = Database(self.loop, plan, Random(dice.getrandbits(64)), story)
        self.database.log = log = MemoryRoomLog(now=lambda: JumpingClock().now())
        log.add_show(SHOW, {who.participant_id: who.role.value for who in (*crew, *fans)})
        self.ledger = Ledger(log, docs)
        self.ledger.clocks_are_right = "clock_jump" not in plan.faults
        log.after_commit = self._committed
        self.carrier = Carrier(self.loop, plan, Random(dice.getrandbits(64)), story)
        self.sites = [
            Site(self, number, Random(dice.getrandbits(64))) for number in range(plan.nodes)
        ]
        self.watch = Watch(self, self.ledger)
        self.wires: list[Wire] = []
        self.phones = [
            Attendee(self, number, who, Random(dice.getrandbits(64)))
            for number, who in enumerate((*crew, *fans, *fans[: plan.seconds]))
        ]
        self.log = log  # as `tests.simulation.checks` knows it
        self._wire_dice = Random(dice.getrandbits(64))

    # --- what its parts ask -----------------------------------------------------------------

    def new_id(self) -> str:
        """The next id."""
        self._ids += 1
        return str(UUID(int=self._ids))

    def new_words(self) -> str:
        """Something that nobody has said."""
        self._ids += 1
        return f"words {self._ids * 7919:x}"

    def new_wire(self, site: Site, phone: Attendee) -> Wire:
        """A socket between them."""
        wire = Wire(self.loop, self._wire_dice, site, phone, self.watch, self.outlets)
        wire.memory = Memory(phone.seq)
        self.wires = [one for one in self.wires if not one.ended]
        self.wires.append(wire)
        return wire

    def rounds(self) -> list[RoundRecord]:
        """All rounds, as they are in the log."""
        return [record for record, _ in self.log.room(SHOW.show_id).rounds.values()]

    def round_of(self, prefix: str) -> RoundRecord:
        """The round whose options begin so."""
        for record in self.rounds():
            if record.config.options[0].id.startswith(f"{prefix}x"):
                return record
        raise Violation(f"options {prefix} are of no round")

    def _person(self, name: str, role: Role) -> Participant:
        who = Participant(self.new_id(), self.new_id(), role, name)
        self.people[who.participant_id] = who
        return who

    # --- the night --------------------------------------------------------------------------

    async def happen(self) -> None:
        """From beginning to end.

        Raises:
            Violation: a promise was broken.
        """
        await self._open()
        faults = Faults(self, Random(self.dice.getrandbits(64)))
        faults.plan()
        self._spread_acts()
        doings.rush(self)
        await asyncio.sleep(self.plan.busy_s)
        self.story.tell(self.loop.now, "healed", "world")
        faults.heal()
        await self._settle()
        await judge(self)

    async def _open(self) -> None:
        """Nodes start, rounds are made and some are opened, people come."""
        for site in self.sites:
            site.start()
        while not all(site.up for site in self.sites):
            await asyncio.sleep(0.01)
        self.database.faulty = self.carrier.faulty = False
        site, artist = self.sites[0], self.phones[0].who
        work = self.loop.create_task(self._make_rounds(site, artist), context=site.process.context)
        await work
        self.database.faulty = self.carrier.faulty = True
        for phone in self.phones:
            phone.come(self.dice.random() * 0.2)

    async def _make_rounds(self, site: Site, artist: Participant) -> None:
        for number, config in enumerate(doings.round_configs(self.dice)):
            round_id = self.new_id()
            made = await site.ask(artist, CreateRound(round_id, config))
            assert isinstance(made, Ack), made
            if number < 3:
                opened = await site.ask(artist, OpenRound(round_id))
                assert isinstance(opened, Ack), opened

    def _spread_acts(self) -> None:
        for phone in self.phones:
            self._last_word(phone)
            for _ in range(self.plan.acts):
                at = self.dice.random() * self.plan.busy_s * 0.75
                self.loop.call_later(at, doings.act, phone, context=phone.process.context)
            for record in self.rounds():
                if record.closes_at is not None and record.status in TAKES_VOTES:
                    self._vote_late(phone, record)

    def _vote_late(self, phone: Attendee, record: RoundRecord) -> None:
        """In the last moment, or just too late."""
        if phone.who.is_crew or record.closes_at is None:
            return
        ends_in = (record.closes_at - T0).total_seconds() - self.loop.now
        for _ in range(LATE_VOTES):
            at = ends_in - 0.12 + self.dice.random() * 0.15
            if at > 0:
                self.loop.call_later(at, doings.vote, phone, record, context=phone.process.context)

    def _last_word(self, phone: Attendee) -> None:
        """The last thing of a night is often no event: a vote, a reaction."""
        at = self.plan.busy_s * (0.75 + 0.1 * self.dice.random())
        self.loop.call_later(at, doings.end, phone, context=phone.process.context)

    async def _settle(self) -> None:
        ends_at = self.loop.now + SETTLES_S
        while not all(phone.is_settled for phone in self.phones):
            if self.loop.now > ends_at:
                waiting = [phone.name for phone in self.phones if not phone.is_settled]
                raise Violation(f"{waiting} never come to rest")
            await asyncio.sleep(0.25)
        await asyncio.sleep(REST_S)
        head = -1
        while head != self.ledger.head:  # a round may end by itself just now
            head = self.ledger.head
            await asyncio.sleep(QUIET_S)
        if not all(phone.is_settled for phone in self.phones):
            raise Violation("a phone left although nothing was wrong any more")

    def _committed(self, turn: Turn) -> None:
        self.ledger.committed(turn)
        if self.story.keeps:
            events = [f"{event.seq} {event.name}" for event in turn.events]
            said = [reply.command_id[-4:] for reply in turn.replies]
            told = f"events {events} ballots {len(turn.ballots)} answers {said}"
            self.story.line(self.loop.now, "commit", f"v{turn.head_after.state_version}", told)

    # --- after every step -------------------------------------------------------------------

    def _look(self, job: Job) -> None:
        if self.ledger.broken:
            raise self.ledger.broken[0]
        if self.loop.errors:
            context = self.loop.errors[0]
            error = context.get("exception")
            if isinstance(error, Violation):
                raise error
            raise Violation(f"nobody caught {error!r}: {context.get('message')}") from error
        if self.loop.steps > STEPS_MAX:
            raise Violation("a night without end")


def run_night(
    seed: int,
    *,
    plan: Plan | None = None,
    keeps_story: bool = False,
    crash_points: bool = False,
    die_at: DieAt | None = None,
) -> Outcome:
    """One night from its seed. Nothing of it is left afterwards.

    Args:
        plan: another one than the seed's own.
        keeps_story: whether the lines are wanted.
        crash_points: whether the awaits at which processes died are counted.
        die_at: where a process dies, whatever else the seed says.
    """
    plan = plan or plan_of(seed)
    story = Story(keeps=keeps_story)
    dice = Random(f"night {seed}")
    broken: list[Violation] = []
    bounds = {**BOUNDS, "CONNECTION_QUEUE_BYTES_MAX": plan.queue_bytes}
    if plan.rush:
        bounds["TURN_COMMANDS_MAX"] = doings.RUSH_TURN
    violation: Violation | None = None
    outlets = Outlets()
    with sealed(dice, story, broken, bounds, outlets) as docs:
        night = Night(plan, story, docs, outlets, dice)
        night.ledger.broken = broken
        if crash_points or die_at is not None:
            points = night.crash_points = CrashPoints(story.counts, die_at)
            night.loop.watch, night.loop.killed = points.watch, points.died
        try:
            night.loop.run(night.happen())
        except Violation as error:
            violation = error
        except Exception as error:
            violation = Violation(f"the night itself failed: {error!r}")
            violation.__cause__ = error
        steps, events, digest = night.loop.steps, night.ledger.head, story.digest()
        bury(night.loop.close())
    return Outcome(
        seed=seed,
        digest=digest,
        steps=steps,
        events=events,
        counts=dict(story.counts),
        violation=violation,
        lines=story.lines,
    )
