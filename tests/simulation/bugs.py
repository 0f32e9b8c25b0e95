"""What the bugs of `tests.simulation.planted` put in place of the product's own code."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec.structs import replace

import rooms.decide.setlist
import rooms.state_views
from crdt.verdicts import Repaired
from rooms import publication
from rooms.ahead import BallotsAfter
from rooms.fanout.items import Private
from rooms.fanout.lanes import Lane
from rooms.healing import Healing
from rooms.late_turns import LateTurns
from rooms.messages import Ack
from rooms.ports import Appended, AppendOutcome, Head, Lost, OutcomeUnknown
from rooms.replica import Replica, to_delta
from rooms.room import Room
from rooms.sessions.saved import SavedCount
from rooms.turns import Turns
from storage.rooms.memory_room import MemoryRoom

_append = Turns._append
_decide = Turns._decide
_compare = Healing.compare
_events_since = Replica.events_since
_judge = rooms.decide.setlist.judge
_arrive = SavedCount.arrive
_visible_tally = rooms.state_views.visible_tally


async def ack_before_commit(self: Turns, waiting: Any) -> Any:
    decision = await _decide(self, waiting)
    for (_, reply), answer in zip(waiting, decision.answers, strict=True):
        if isinstance(answer, Ack):
            reply(answer)
    return decision


async def publish_before_commit(self: Turns, decision: Any) -> AppendOutcome:
    room: Any = self._on_committed.__self__  # type: ignore[attr-defined]
    if decision.writes:
        turn = decision.turn
        message = room.replica.publication(
            room._node_id, turn.expected, decision, Appended(head=turn.head_after)
        )
        room._bus.publish(room.show_id, publication.encode(message))
    return await _append(self, decision)


async def unknown_is_done(self: Turns, decision: Any) -> AppendOutcome:
    if not decision.writes:
        return Appended(head=decision.turn.expected)
    try:
        return await self._log.append(decision.turn)
    except OutcomeUnknown:
        return Appended(head=decision.turn.head_after)


async def unknown_is_forced(self: Turns, decision: Any) -> AppendOutcome:
    if not decision.writes:
        return Appended(head=decision.turn.expected)
    try:
        return await self._log.append(decision.turn)
    except OutcomeUnknown:
        await asyncio.sleep(0.05)
        _, heads = await self._log.heads([self._show_id])
        head, turn = heads[self._show_id], decision.turn
        events = tuple(
            replace(event, seq=head.seq + place) for place, event in enumerate(turn.events, 1)
        )
        return await self._log.append(replace(turn, expected=head, events=events, replies=()))


async def answer_kept_apart(self: Turns, decision: Any) -> AppendOutcome:
    replies = decision.turn.replies
    bare = replace(decision, turn=replace(decision.turn, replies=()))
    if not bare.writes or not replies:
        return await _append(self, decision)
    outcome = await _append(self, bare)
    if isinstance(outcome, Appended):
        turn = replace(decision.turn, expected=outcome.head, events=(), ballots=(), stances=())
        turn = replace(turn, reactions={}, rounds=(), outbox=(), audit=(), removed=())
        await self._log.append(turn)
    return outcome


class _SeqAlone:
    """The log, telling heads as if there were nothing but events."""

    def __init__(self, log: Any, rooms: Any) -> None:
        self._log = log
        self._rooms = rooms

    async def heads(self, show_ids: Any) -> Any:
        base, heads = await self._log.heads(show_ids)
        known = {room.show_id: room.head for room in self._rooms()}
        told = {
            show_id: Head(head.seq, known.get(show_id, head).state_version)
            for show_id, head in heads.items()
        }
        return base, told


async def heal_by_seq(self: Healing, some: Any = None) -> None:
    log = self._log
    if not isinstance(log, _SeqAlone):
        self._log = _SeqAlone(log, self._rooms)  # type: ignore[assignment]
    await _compare(self, some)


def hear_anything(self: Room, published: Any) -> None:
    if published.epoch == self.epoch and published.head > self.head and not self._replica.broken:
        if published.base.seq == self.head.seq:
            self._show(self._replica.catch_up(to_delta(published)))
        else:
            self.fall_behind()


def own_frames_last(self: Lane, connection: Any, frame: bytes) -> None:
    private = self.privates.setdefault(connection, Private(0))
    private.frames.append((1_000_000, frame))


def skip_one(self: Replica, seq: int) -> Any:
    found = _events_since(self, seq)
    return found[1:] if found else found


def relay_raw(twin: Any, update: bytes, *arguments: Any, **given: Any) -> Any:
    verdict = _judge(twin, update, *arguments, **given)
    return replace(verdict, update=update) if isinstance(verdict, Repaired) else verdict


def saved_on_arrival(self: SavedCount) -> int:
    number = _arrive(self)
    self.settle(number, 0)
    return number


def shown_to_all(record: Any, counts: Any, *, crew: bool, voted: bool, **given: Any) -> Any:
    return _visible_tally(record, counts, crew=True, voted=voted, **given)


def nothing(*_: Any) -> None:
    return None


async def look_away(self: LateTurns) -> None:
    del self


def only_before(self: BallotsAfter, key: Any) -> Any:
    return self._before.get(key)


def no(*_: Any) -> bool:
    return False


def no_items(*_: Any) -> list[bytes]:
    return []


def only_lost(self: MemoryRoom, turn: Any) -> Any:
    return Lost(self.head) if turn.expected != self.head else None
