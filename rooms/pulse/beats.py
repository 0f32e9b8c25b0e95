"""What each node says of its part of a room, and the whole that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from rooms.fanout.hub import Hub
from rooms.ports import Clock, Head, RoundRecord, StanceKind, Turn
from rooms.pulse.meter import VoteMeter
from rooms.pulse.views import ChannelVoters, Doors, Pulse
from rooms.replica import Replica
from rooms.rounds.counting.results import counted, voters_by_channel


class Beat(Struct, frozen=True):
    """One node's part of a room.

    Attributes:
        participants: distinct ones connected to it, or polling it.
        votes_per_s: what it decided itself, so that no vote is counted twice.
    """

    participants: int = 0
    doors: Doors = Doors()
    votes_per_s: float = 0.0


class Beats:
    """Measures one room on this node, and adds up what all nodes say.

    Args:
        elsewhere: the other nodes' beats, as far as heard.
    """

    def __init__(
        self, replica: Replica, hub: Hub, clock: Clock, elsewhere: Callable[[], Iterable[Beat]]
    ) -> None:
        self._replica = replica
        self._hub = hub
        self._clock = clock
        self._elsewhere = elsewhere
        self._meter = VoteMeter()
        self._channels: tuple[str, Head, ChannelVoters] | None = None
        self._said: Pulse | None = None

    def committed(self, turn: Turn) -> None:
        """A turn of this node is durable."""
        voters = {ballot.participant_id for ballot in turn.ballots}
        upvotes = sum(
            stance.kind is StanceKind.UPVOTE and stance.participant_id not in voters
            for stance in turn.stances
        )
        self._meter.count(len(turn.ballots) + upvotes, self._clock.monotonic())

    def own(self) -> Beat:
        """This node's part."""
        return Beat(
            participants=self._hub.participants(),
            doors=self._hub.doors(),
            votes_per_s=self._meter.per_s(self._clock.monotonic()),
        )

    def participants(self) -> int:
        """Of all nodes."""
        return self._hub.participants() + sum(beat.participants for beat in self._elsewhere())

    def is_spread(self) -> bool:
        """Whether people are connected to other nodes as well, as far as heard."""
        return any(beat.participants for beat in self._elsewhere())

    def pulse(self) -> Pulse:
        """The room as a whole, now."""
        beats = [self.own(), *self._elsewhere()]
        latest = latest_of(self._replica.state.open_rounds)
        doors = [beat.doors for beat in beats]
        return Pulse(
            votes_per_s=round(sum(beat.votes_per_s for beat in beats), 1),
            channels=ChannelVoters() if latest is None else self._voters(latest),
            participants=sum(beat.participants for beat in beats),
            connections=Doors(
                socket=sum(one.socket for one in doors),
                stream=sum(one.stream for one in doors),
                poll=sum(one.poll for one in doors),
            ),
            nodes=len(beats),
            round_id=None if latest is None else latest.round_id,
        )

    def tell(self) -> None:
        """Has the pulse sent if it is another one than was said last. Called once a second."""
        if not self._hub.crew_is_here():
            self._said = None
            return
        pulse = self.pulse()
        if pulse != self._said:
            self._said = pulse
            self._hub.state_changed("pulse")

    def _voters(self, record: RoundRecord) -> ChannelVoters:
        """Added up once per head: a ranked round has as many patterns as voters."""
        known = self._channels
        if known is not None and known[:2] == (record.round_id, self._replica.head):
            return known[2]
        counts = self._replica.state.tallies.get(record.round_id, {})
        voters = voters_by_channel(counted(record.config, counts))
        channels = ChannelVoters(web=voters.get("web", 0), sms=voters.get("sms", 0))
        self._channels = (record.round_id, self._replica.head, channels)
        return channels


def latest_of(rounds: Iterable[RoundRecord]) -> RoundRecord | None:
    """The round that was opened last."""
    opened = (record for record in rounds if record.opened_at is not None)
    return max(opened, key=lambda one: (one.opened_at, one.position), default=None)
