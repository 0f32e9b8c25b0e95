"""Looks at every byte that a node writes to a phone, at the moment of writing.

Nobody sees what is not durable, and hidden means hidden: both are judged by what the
`tests.simulation.ledger.Ledger` holds just then.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from crdt import frames
from crdt.update_reader import read_update
from rooms import limits
from rooms.events import CREW_ONLY_NAMES
from rooms.fanout.framing import split_frames
from rooms.messages import CloseCode
from tests.simulation.ledger import Ledger
from tests.simulation.said import Said, decode_said
from tests.simulation.wires import Wire

if TYPE_CHECKING:
    from tests.simulation.attendee import Attendee
    from tests.simulation.night import Night

COUNTED = re.compile(rb'"(av|oc|ma|ne)\d+x\d+":-?\d')
"""A number beside an option of a round whose tally is not for everybody."""

_OPTIONS = re.compile(rb'"((?:av|oc|ma|ne)\d+)x\d+":-?\d')
_CACHE_MAX = 4_000


class _TallyData(msgspec.Struct):
    round_id: str
    options: dict[str, int]
    votes: int
    voters: int


class _ReactionData(msgspec.Struct):
    counts: dict[str, int]


_tally = msgspec.json.Decoder(_TallyData).decode
_reaction = msgspec.json.Decoder(_ReactionData).decode


class Memory:
    """What was written to one socket, as far as it matters.

    Attributes:
        since: the place that the phone asked to go on from.
        place: the event it was told last; ``None`` before the welcome.
        clocks_sent: the phone's own client id and clock after each update that it sent.
    """

    __slots__ = ("clocks_sent", "place", "since", "update_seq", "versions")

    def __init__(self, since: int | None) -> None:
        self.since = since
        self.place: int | None = None
        self.update_seq = 0
        self.versions: dict[tuple[str, bytes], int] = {}
        self.clocks_sent: list[tuple[int, int]] = []


class Watch:
    """See the module. What is wrong is written down in the ledger."""

    def __init__(self, night: Night, ledger: Ledger) -> None:
        self._night = night
        self._ledger = ledger
        self._parsed: dict[bytes, Said] = {}
        self._rounds: dict[str, str] = {}

    def wrote(self, wire: Wire, data: bytes) -> None:
        """Frames for a phone."""
        if wire.site.fast and wire.backlog() > limits.CONNECTION_QUEUE_BYTES_MAX:
            wire.over += 1
            if wire.over > 1:
                self._ledger.violate(f"{wire.backlog()} bytes wait for one phone, and more come")
        self._night.story.mix(data)
        phone: Any = wire.phone
        for is_text, payload in split_frames(data):
            if is_text:
                self._text(wire, phone, payload)
            else:
                self._binary(wire, payload)

    def told_to_close(self, wire: Wire, code: int, reason: str) -> None:
        """A node closes a socket."""
        if code == CloseCode.TOO_SLOW:
            self._night.story.tell(self._night.loop.now, "too_slow", wire.phone, reason)

    def arrives(self, wire: Wire, command_id: str) -> None:
        """A command is at a node, whose machine may have had it for a while."""
        wire.arrivals[command_id] = wire.site.clock.now()
        waited = timedelta(seconds=wire.waited_s())
        self._ledger.arrives(command_id, wire.arrivals[command_id] - waited)

    def misused(self, wire: Wire) -> None:
        """Something was written past what was queued, or into a closed socket."""
        self._ledger.violate(f"{wire.phone} was written to past its queue")

    # --- text -------------------------------------------------------------------------------

    def _text(self, wire: Wire, phone: Attendee, payload: bytes) -> None:
        said = self._parsed.get(payload)
        if said is None:
            if len(self._parsed) > _CACHE_MAX:
                self._parsed.clear()
            said = self._parsed[payload] = decode_said(payload)
        memory: Memory = wire.memory
        crew = phone.who.is_crew
        if not crew and COUNTED.search(payload):
            self._count(phone, payload)
        match said.t:
            case "event":
                self._event(memory, phone, said, payload)
            case "state":
                self._state(memory, phone, said)
            case "welcome":
                self._welcome(wire, phone, said)
            case "ack" | "reject":
                self._answer(wire, phone, said, payload)
            case "setlist_saved":
                self._saved(memory, phone, said)

    def _event(self, memory: Memory, phone: Attendee, said: Said, payload: bytes) -> None:
        violate = self._ledger.violate
        if memory.place is None or said.seq != memory.place + 1:
            violate(f"{phone.name} was at {memory.place} and is told event {said.seq}")
        memory.place = said.seq
        if said.seq > self._ledger.head:
            violate(f"{phone.name} is told event {said.seq}, which is not durable")
            return
        if self._ledger.payloads[said.seq - 1][phone.who.is_crew] != payload:
            violate(f"{phone.name} is told another event {said.seq} than the log's")
        if not phone.who.is_crew and (said.name in CREW_ONLY_NAMES or b'"by"' in payload):
            violate(f"{phone.name} is no crew and is told {said.name}")

    def _state(self, memory: Memory, phone: Attendee, said: Said) -> None:
        data = bytes(said.data)
        key = (said.name, _subject(data) if said.name in _PER_SUBJECT else b"")
        if said.version < memory.versions.get(key, 0) and said.name not in _BY_TIME:
            self._ledger.violate(f"{phone.name}: {said.name} went back to {said.version}")
        memory.versions[key] = said.version
        if said.name == "tally":
            found = _tally(data)
            seen = (tuple(sorted(found.options.items())), found.votes, found.voters)
            if seen not in self._ledger.tallies[found.round_id]:
                self._ledger.violate(f"{phone.name} is shown {seen}, which was never durable")
        elif said.name == "reactions":
            counts = tuple(sorted(_reaction(data).counts.items()))
            if counts not in self._ledger.reactions:
                self._ledger.violate(f"{phone.name} is shown {counts}, which was never durable")

    def _welcome(self, wire: Wire, phone: Attendee, said: Said) -> None:
        memory: Memory = wire.memory
        if memory.place is not None:
            self._ledger.violate(f"{phone.name} is welcomed twice")
        if said.seq > self._ledger.head:
            self._ledger.violate(f"{phone.name} is welcomed at {said.seq}, not durable")
        memory.place = memory.since if said.recovered else said.seq

    def _answer(self, wire: Wire, phone: Attendee, said: Said, payload: bytes) -> None:
        stored = self._ledger.replies.get((phone.who.participant_id, said.command_id))
        if said.t == "ack" and stored != payload:
            self._ledger.violate(f"{phone.name} is told {payload!r}, and the log says {stored!r}")
        refused = said.t == "reject" and not said.retryable
        if refused and stored is not None and decode_said(stored).t == "ack":
            self._ledger.violate(f"{phone.name} is refused what was done: {payload!r}")
        if said.t == "reject":
            self._night.story.line(
                self._night.loop.now, "reject", phone.name, f"{said.code} {said.command_id[-4:]}"
            )
        if said.code == "round_closed" and self._night.plan.calm:
            self._late(wire, said.command_id)

    def _late(self, wire: Wire, command_id: str) -> None:
        """Refused as late: was it?"""
        intention = self._ledger.intention(command_id)
        at = wire.arrivals.get(command_id)
        if intention is None or at is None or intention.name != "cast_vote":
            return
        record = self._ledger.round(intention.args["round_id"])
        if record is None or record.closes_at is None or record.closed_at is None:
            return
        if at <= record.closes_at <= record.closed_at and self._closed_by_time(record.round_id):
            self._ledger.violate(
                f"a vote that came at {at} was refused in a round that ended {record.closes_at}"
            )

    def _closed_by_time(self, round_id: str) -> bool:
        nobody = "00000000-0000-0000-0000-000000000000"
        return any(
            event.name == "round_closed"
            and getattr(event.data, "round_id", "") == round_id
            and event.participant_id == nobody
            for event in self._ledger.events
        )

    def _saved(self, memory: Memory, phone: Attendee, said: Said) -> None:
        sent = memory.clocks_sent
        if said.received > len(sent):
            self._ledger.violate(f"{phone.name} sent {len(sent)} updates, saved {said.received}")
        elif said.received:
            client_id, clock = sent[said.received - 1]
            mine = self._ledger.clocks.get(client_id, 0)
            if mine < clock:
                self._ledger.violate(f"{phone.name}: told saved, and durable is only {mine}")

    # --- hidden means hidden ----------------------------------------------------------------

    def _count(self, phone: Attendee, payload: bytes) -> None:
        for prefix in dict.fromkeys(_OPTIONS.findall(payload)):
            record = self._night.round_of(prefix.decode())
            if not _may_see(record.config.visibility, record.status) and not (
                record.config.visibility == "after_vote"
                and (record.round_id, phone.who.participant_id) in self._ledger.voted
            ):
                self._ledger.violate(f"{phone.name} is shown a hidden count: {payload!r}")

    # --- binary -----------------------------------------------------------------------------

    def _binary(self, wire: Wire, payload: bytes) -> None:
        match frames.decode_frame(payload):
            case frames.SyncUpdate(update):
                seq = self._ledger.updates.get(update)
                if seq is None:
                    self._ledger.violate("an update is passed on that is not in the log")
                elif seq <= wire.memory.update_seq:
                    self._ledger.violate(
                        f"update {seq} is passed on after {wire.memory.update_seq}"
                    )
                else:
                    wire.memory.update_seq = seq
            case frames.SyncStep2(update) if update != frames.EMPTY_UPDATE:
                clocks = self._ledger.clocks
                for section in read_update(update).sections:
                    if section.clock_end > clocks.get(section.client, 0):
                        self._ledger.violate("a sync holds what is not durable")
            case _:
                pass


_PER_SUBJECT = frozenset({"tally", "song_requests", "confidence"})
_BY_TIME = frozenset({"head_count", "pulse"})
"""Their version is the node's clock."""

_ABOUT = re.compile(rb'"(?:round_id|entry_id)":"([^"]*)"')


def _subject(data: bytes) -> bytes:
    found = _ABOUT.search(data)
    return found[1] if found else b""


def _may_see(visibility: str, status: str) -> bool:
    if visibility == "never":
        return False
    if visibility == "manual":
        return status == "revealed"
    return status in ("closed", "revealed")
