"""A phone that follows the protocol: it resumes, says again what nobody answered, and believes.

Nothing of the product runs in here: only the wire is known.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from crdt import frames
from rooms.fanout.framing import split_frames
from rooms.participants import Participant
from rooms.rounds.windows import TAKES_VOTES
from tests.simulation import doings
from tests.simulation.editor import Editor
from tests.simulation.loop import Process
from tests.simulation.said import Said, about, decode_given, decode_said
from tests.simulation.story import Violation
from tests.simulation.wires import ABNORMAL, Wire

if TYPE_CHECKING:
    from tests.simulation.night import Night

SILENCE_S = 2.5
"""Without a word for so long, a phone takes its socket for dead (heartbeats come every second)."""

CONNECT_S = 3.0
"""So long a phone waits for a socket to open."""


_encode = msgspec.json.Encoder().encode


class Attendee:
    """One participant with one page open.

    Attributes:
        seq, epoch: the place in the log that it has reached.
        states: (name, about what) → the newest value, as told since `snapshot`.
        snapshot: the room as it was told whole the last time.
        pending: commands that nobody answered yet, by id, in the order of saying.
        answers: command id → the final answer.
    """

    def __init__(self, night: Night, number: int, who: Participant, dice: Random) -> None:
        self.night = night
        self.who = who
        self.name = f"phone{number}"
        self.process = Process(self.name)
        self.dice = dice
        self.seq: int | None = None
        self.epoch = ""
        self.states: dict[tuple[str, str], bytes] = {}
        self.snapshot: bytes = b"{}"
        self.pending: dict[str, bytes] = {}
        self.answers: dict[str, bytes] = {}
        self.wire: Wire | None = None
        self.is_open = False
        self.stays_away = False
        self.editor = Editor(night.docs, who.participant_id, dice)
        self._ticket = f"{who.participant_id}.{self.name}.1"
        self._tickets = 1
        self._heard_at = 0.0
        self._coming = False
        self._welcomed = False

    def __str__(self) -> str:
        return self.name

    # --- coming and going -------------------------------------------------------------------

    def come(self, after_s: float = 0.0) -> None:
        """Connects to some node, soon."""
        if not self._coming:
            self._coming = True
            self.night.loop.call_later(after_s, self._connect, context=self.process.context)

    def lose_signal(self, for_s: float) -> None:
        """Goes away, keeps its page open, and comes back."""
        self._let_go()
        self.come(for_s)

    def reload(self) -> None:
        """The page is loaded anew: nothing is remembered, not even what nobody answered."""
        self._let_go()
        self.seq, self.epoch = None, ""
        self.states.clear()
        unsure = [pending for pending in map(decode_given, self.pending.values()) if pending.votes]
        self.pending.clear()
        for command in unsure:  # and whoever does not see the own vote votes once more
            after_s = self.dice.uniform(0.4, 1.2)
            self.night.loop.call_later(
                after_s, self._vote_again, command.args.round_id, context=self.process.context
            )
        self.editor = Editor(self.night.docs, self.who.participant_id, self.dice)
        self.come(self.dice.random() * 0.3)

    def _vote_again(self, round_id: str) -> None:
        for record in self.night.rounds():
            if record.round_id == round_id and record.status in TAKES_VOTES:
                doings.vote(self, record)

    def _let_go(self) -> None:
        wire, self.wire, self.is_open = self.wire, None, False
        if wire is not None and not wire.ended:
            wire.hang_up()

    def _connect(self) -> None:
        self._coming = False
        if self.wire is not None:
            return
        site = self.dice.choice(self.night.sites)
        if self.dice.random() < 0.2:
            self._tickets += 1
            self._ticket = f"{self.who.participant_id}.{self.name}.{self._tickets}"
        query = f"ticket={self._ticket}"
        if self.seq is not None:
            query += f"&since={self.seq}&epoch={self.epoch}"
        wire = self.night.new_wire(site, self)
        self.wire, self._welcomed = wire, False
        if not site.connect(wire, query):
            self.wire = None
            wire.ended = True
            self.come(0.1 + self.dice.random() * 0.4)
            return
        self._heard_at = self.night.loop.now + CONNECT_S - SILENCE_S
        self._watch(wire)

    def _watch(self, wire: Wire) -> None:
        if wire is not self.wire:
            return
        if self.night.loop.now - self._heard_at > SILENCE_S:
            self.night.story.tell(self.night.loop.now, "phone_gave_up", self.name)
            self._let_go()
            self.come(self.dice.random() * 0.3)
            return
        self.night.loop.call_later(1.0, self._watch, wire, context=self.process.context)

    # --- what a socket does -----------------------------------------------------------------

    def opened(self, wire: Wire) -> None:
        """The handshake is through."""
        if wire is self.wire:
            self.is_open = True
            wire.say(self.editor.step1())

    def closed(self, wire: Wire, code: int, reason: str) -> None:
        """It is over; most codes mean: come back."""
        if wire is not self.wire:
            return
        self.wire, self.is_open = None, False
        self.night.story.tell(self.night.loop.now, f"closed_{code}", self.name, reason)
        if 4400 <= code < 4500 or code in (1007, 1011):
            raise Violation(f"{self.name} was turned away: {code} {reason}")
        wait_s = self.dice.random() * (0.2 if code == ABNORMAL else 0.6)
        if reason.startswith("reconnect_in="):
            wait_s = float(reason[13:-1])
        self.come(wait_s)

    def hears(self, wire: Wire, data: bytes) -> None:
        """Whole frames."""
        if wire is not self.wire:
            return
        self._heard_at = self.night.loop.now
        for is_text, payload in split_frames(data):
            if is_text:
                self._read(wire, payload)
            else:
                self._merge(wire, payload)

    # --- what it is told --------------------------------------------------------------------

    def _read(self, wire: Wire, payload: bytes) -> None:
        said = decode_said(payload)
        match said.t:
            case "welcome":
                self._take_welcome(wire, said)
            case "event":
                if not self._welcomed or self.seq is None or said.seq != self.seq + 1:
                    raise Violation(f"{self.name} is at {self.seq} and was told event {said.seq}")
                self.seq = said.seq
                if said.name in ("round_closed", "round_cancelled"):
                    self.states.pop(("tally", about(said.data)), None)
            case "state":
                self.states[said.name, about(said.data)] = bytes(said.data)
            case "ack":
                self._take_answer(said.command_id, payload)
            case "reject" if said.retryable:
                wait_s = min(said.retry_after_s or 0.3, 0.5)
                self.night.loop.call_later(
                    wait_s, self._say_again, said.command_id, context=self.process.context
                )
            case "reject":
                self._take_answer(said.command_id, payload)
            case "setlist_refused":
                self.night.story.counts["repaired"] += 1

    def _take_welcome(self, wire: Wire, said: Said) -> None:
        if self._welcomed:
            raise Violation(f"{self.name} was welcomed twice")
        self._welcomed = True
        self.epoch = said.epoch
        if said.recovered:
            if self.seq is None:
                raise Violation(f"{self.name} was resumed and had asked for nothing")
            self.night.story.tell(self.night.loop.now, "resumed", self.name, self.seq)
        else:
            self.night.story.tell(self.night.loop.now, "snapshot", self.name, said.seq)
            self.seq = said.seq
            self.states.clear()
            self.snapshot = bytes(said.state)
        for message in self.pending.values():
            self.night.story.counts["said_again"] += 1
            wire.say(message.decode())

    def _take_answer(self, command_id: str, payload: bytes) -> None:
        known = self.answers.setdefault(command_id, payload)
        self.pending.pop(command_id, None)
        if known != payload:
            raise Violation(f"{self.name} got two answers to one command: {known!r}, {payload!r}")

    # --- the setlist ------------------------------------------------------------------------

    def _merge(self, wire: Wire, payload: bytes) -> None:
        match frames.decode_frame(payload):
            case frames.SyncStep1(state_vector):
                wire.memory.clocks_sent.append(self.editor.place())
                wire.say(self.editor.step2(state_vector))
            case frames.SyncStep2(update) | frames.SyncUpdate(update):
                self.editor.apply(update)
            case _:
                pass

    def edit(self) -> None:
        """Changes the list, and says so where there is a socket."""
        frame = self.editor.edit()
        self.night.story.tell(self.night.loop.now, "edit", self.name, len(frame))
        if self.wire is not None and self.is_open:
            self.wire.memory.clocks_sent.append(self.editor.place())
            self.wire.say(frame)

    # --- what it says -----------------------------------------------------------------------

    def give(self, name: str, args: dict[str, Any]) -> None:
        """Says a command until it is answered."""
        command_id = self.night.new_id()
        self.night.ledger.intends(command_id, self.who.participant_id, name, args)
        told = {"t": "command", "command_id": command_id, "name": name, "args": args}
        self.pending[command_id] = _encode(told)
        self.night.story.tell(
            self.night.loop.now, "command", self.name, f"{name} {command_id[-4:]}"
        )
        self._say_again(command_id)

    def _say_again(self, command_id: str) -> None:
        message = self.pending.get(command_id)
        if message is not None and self.wire is not None and self._welcomed:
            self.wire.say(message.decode())

    @property
    def is_settled(self) -> bool:
        """Whether it is here, and waits for nothing."""
        wire = self.wire
        alive = wire is not None and not wire.silent and not wire.node_gone
        return self._welcomed and self.is_open and alive and not self.pending
