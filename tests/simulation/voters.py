"""People in rounds of every kind: fans who vote and rate, crew who open, correct and take away."""

from __future__ import annotations

import asyncio
from random import Random

from rooms import commands as cmd
from rooms.commands import AnyCommand
from rooms.errors import RoomError
from rooms.messages import Ack
from rooms.node import Node
from rooms.participants import Channel, Role
from rooms.ports import LogUnavailable, RoundRecord
from rooms.room import Room
from rooms.rounds.counting.pairs import pairs_of
from rooms.rounds.windows import TAKES_VOTES
from rooms.show import ShowStatus
from rooms.vote_config import (
    Attendance,
    Change,
    Identity,
    Option,
    Pick,
    PickRule,
    TallyMethod,
    TallyRule,
    TieRule,
    Visibility,
    VoteConfig,
    VoteType,
    Weights,
    Who,
    Window,
)
from tests.simulation.guests import Guest
from tests.simulation.world import SHOW

_KINDS: tuple[tuple[VoteType, TallyMethod], ...] = (
    (VoteType.SINGLE, TallyMethod.PLURALITY),
    (VoteType.APPROVAL, TallyMethod.APPROVAL),
    (VoteType.RANKED, TallyMethod.BORDA),
    (VoteType.RANKED, TallyMethod.IRV),
    (VoteType.POINTS, TallyMethod.SUM),
    (VoteType.UPDOWN, TallyMethod.NET),
    (VoteType.BRACKET, TallyMethod.PLURALITY),
    (VoteType.BRACKET, TallyMethod.PLURALITY),
    (VoteType.WEIGHTED, TallyMethod.PLURALITY),
    (VoteType.WEIGHTED, TallyMethod.APPROVAL),
    (VoteType.QUEUE, TallyMethod.APPROVAL),
)
_TIES = (
    (),
    (TieRule.RUNOFF,),
    (TieRule.ARTIST, TieRule.SEEDED_RANDOM),
    (TieRule.SEEDED_RANDOM,),
    (TieRule.RUNOFF, TieRule.SEEDED_RANDOM),
    (TieRule.RUNOFF, TieRule.ARTIST),
    (TieRule.ARTIST, TieRule.RUNOFF),
)


def random_config(dice: Random) -> VoteConfig:
    """A round of some kind that may be opened; most of them end by themselves."""
    kind, method = dice.choice(_KINDS)
    letters = "abcdef"[: dice.randint(2, 6)]
    options = tuple(Option(id=letter, label=f"Song {letter.upper()}") for letter in letters)
    most = len(pairs_of(letters)) if kind is VoteType.BRACKET else len(letters)
    if kind is VoteType.SINGLE or (kind, method) == (VoteType.WEIGHTED, TallyMethod.PLURALITY):
        most = 1
    weights = Weights(dice.choice([1, 1, 1, 0]), 1, dice.choice([0, 1]))
    if kind is VoteType.WEIGHTED:
        weights = Weights(1, 3, 2)
    return VoteConfig(
        title="What now?",
        options=options if kind is not VoteType.QUEUE else options[: dice.randint(0, 2)],
        type=kind,
        pick=PickRule(1, most, budget=5 if kind is VoteType.POINTS else None),
        tally=TallyRule(method, weights),
        window=Window(dice.choice([None, 1, 2, 3]), dice.choice([0, 1, 2]), 5),
        change=dice.choice([Change.UNTIL_CLOSE, Change.UNTIL_CLOSE, Change.NEVER]),
        visibility=dice.choice(list(Visibility)),
        tie=dice.choice(_TIES),
        quorum=dice.choice([0, 0, 0, 2]),
        who=Who(
            dice.choice([("web",), ("web", "sms"), ("web", "sms")]),
            dice.choice([Identity.ATTENDEE, Identity.ATTENDEE, Identity.DEVICE]),
            dice.choice([Attendance.ANY, Attendance.ANY, Attendance.CHECKED_IN]),
        ),
    )


def random_picks(config: VoteConfig, dice: Random) -> tuple[Pick, ...]:
    """A ballot that is valid in such a round, most of the time."""
    ids = [option.id for option in config.options] or ["nothing"]
    most = min(config.pick.max, len(ids))
    if config.type is VoteType.BRACKET:
        pairs = dice.sample(pairs_of(ids), min(most, len(pairs_of(ids))))
        return tuple(Pick(dice.choice(pair)) for pair in pairs)
    some = dice.sample(ids, dice.randint(1, most))
    match config.type:
        case VoteType.POINTS:
            return tuple(Pick(one, dice.randint(0, 2)) for one in some)
        case VoteType.UPDOWN:
            return tuple(Pick(one, dice.choice([1, -1])) for one in some)
        case _:
            return tuple(map(Pick, some))


class Voter(Guest):
    """A `Guest` who lives for rounds."""

    async def close_the_show(self) -> None:
        """The night is over, as soon as the room can be told."""
        over = cmd.ChangeShowStatus(ShowStatus.CLOSED)
        while True:
            node = self._random.choice(self._world.nodes)
            try:
                room = await node.enter(SHOW.show_id)
            except LogUnavailable:
                await asyncio.sleep(0.1)
                continue
            answer = await self._give(node, room, over)
            node.leave(room)
            if room.facts.status is ShowStatus.CLOSED:
                return
            assert not isinstance(answer, Ack)

    async def _act(self, node: Node, room: Room, rounds: list[str]) -> bool:
        dice = self._random
        if dice.random() < 0.15:
            return await self._edit(node, room)
        if dice.random() < 0.15:
            return await self._give(node, room, self._wish(room, [self._queue(room)])) is not None
        if self.who.is_crew and dice.random() < 0.04:
            return await self._link(node, room)
        if self.who.is_crew and dice.random() < 0.6:
            command = self._drive(room)
        else:
            command = self._speak(room)
        self.channel = dice.choice([Channel.WEB, Channel.WEB, Channel.SMS])
        try:
            return await self._give(node, room, command) is not None
        finally:
            self.channel = Channel.WEB

    async def _link(self, node: Node, room: Room) -> bool:
        """Two fans turn out to be one person. Nobody's hand does it."""
        fans = [who.participant_id for who in self._world.people if not who.is_crew]
        gone, stays = self._random.sample(fans, 2)
        link = cmd.LinkParticipants(gone, stays)
        try:
            await room.ask(cmd.by_system(link, node.clock.now(), self._world.new_id()))
        except RoomError:
            return False
        return True

    def _queue(self, room: Room) -> str | None:
        queues = [
            record.round_id
            for record in room.replica.state.rounds.values()
            if record.config.type is VoteType.QUEUE and record.status in TAKES_VOTES
        ]
        return self._random.choice(queues) if queues else None

    def _speak(self, room: Room) -> AnyCommand:
        """What everybody may say."""
        dice = self._random
        if dice.random() < 0.25:
            entries = room.replica.document.entries()
            if entries:
                return cmd.RateEntry(dice.choice(entries).id, dice.choice([1, 1, -1, 0]))
        record = self._some_round(room, taking_votes=dice.random() < 0.9)
        if record is None:
            return cmd.React("applause")
        if dice.random() < 0.1:
            return cmd.WithdrawVote(record.round_id)
        return cmd.CastVote(record.round_id, random_picks(record.config, dice))

    def _drive(self, room: Room) -> AnyCommand:
        """What crew does."""
        dice = self._random
        record = self._some_round(room, taking_votes=dice.random() < 0.6)
        entries = room.replica.document.entries()
        people = [who.participant_id for who in self._world.people]
        rounds = list(room.replica.state.rounds.values())
        drafts = [one for one in rounds if one.status == "draft"]
        if record is None or (len(drafts) < 3 and dice.random() < 0.3):
            return cmd.CreateRound(self._world.new_id(), random_config(dice))
        if drafts and dice.random() < 0.25:
            return cmd.OpenRound(dice.choice(drafts).round_id)
        ended = [one for one in rounds if one.result is not None]
        if ended and dice.random() < 0.4:
            return self._follow_up(dice.choice(ended))
        commands: list[AnyCommand] = [
            cmd.ExtendRound(record.round_id, 1),
            cmd.CloseRound(record.round_id),
            cmd.CloseRound(record.round_id),
            cmd.RevealRound(record.round_id),
            cmd.CancelRound(record.round_id),
            cmd.SupersedeRound(record.round_id, self._world.new_id(), random_config(dice), "Typo"),
            cmd.SetJury(tuple(dice.sample(people, 2))),
            cmd.ReleaseVotes(record.round_id, tuple(people)),
            cmd.LockSetlist(),
            cmd.UnlockSetlist(),
        ]
        if entries:
            commands.append(cmd.ConfirmEntry(dice.choice(entries).id, dice.random() < 0.6))
            commands.append(cmd.SetNowPlaying(dice.choice(entries).id))
        if self.who.role is Role.ARTIST:
            commands += [cmd.SealSetlist(), cmd.UnsealSetlist()]
        return dice.choice(commands)

    def _follow_up(self, record: RoundRecord) -> AnyCommand:
        """What crew makes of a result."""
        assert record.result is not None
        if record.result.tie_rule == "artist_awaited":
            return cmd.DecideTie(record.round_id, self._random.choice(record.result.tied))
        if record.config.visibility is Visibility.MANUAL and record.status == "closed":
            return cmd.RevealRound(record.round_id)
        corrected = random_config(self._random)
        return cmd.SupersedeRound(record.round_id, self._world.new_id(), corrected)

    def _some_round(self, room: Room, *, taking_votes: bool) -> RoundRecord | None:
        known = list(room.replica.state.rounds.values())
        taking = [one for one in known if one.status in TAKES_VOTES]
        some = taking if taking_votes and taking else known
        return self._random.choice(some) if some else None
