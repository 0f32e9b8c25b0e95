"""People who do what a seed says, wherever they are let in, and remember what they were told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
from pycrdt import Doc, Map

from crdt.schema import entry_fields
from rooms import commands as cmd
from rooms.answers import SetlistAnswer
from rooms.commands import AnyCommand, Envelope
from rooms.errors import RoomError
from rooms.messages import Ack, CloseCode, Reject
from rooms.moderation.views import ReportReason, WordFilterMode
from rooms.node import Node
from rooms.participants import Channel, Participant
from rooms.ports import LogUnavailable
from rooms.room import Room
from rooms.sessions.opening import open_socket
from rooms.song_requests.requests import RequestStatus
from rooms.states import REACTIONS
from rooms.vote_config import Pick
from tests.rooms.fakes import FakeConnection
from tests.simulation.world import RUDE, SHOW, World

TITLES = ("Althea", "Bertha", "Bertha!", "Cassidy", "Dark Star", "Darkstar", "Eyes of the World")
"""Wishes: some are the same, some resemble each other."""


class Guest:
    """One participant with one socket and one Yjs document, who moves between nodes.

    Attributes:
        said: text of each chat line → whether an ack came for it.
        turned_away: reasons of sockets that were closed for good.
        sockets: every connection there was, in order.
        closed: how the room closed some of them.
        channel: the door that commands come through.
    """

    def __init__(self, world: World, who: Participant, random: Random) -> None:
        self.who = who
        self.said: dict[str, bool | None] = {}
        self.turned_away: list[str] = []
        self.sockets: list[FakeConnection] = []
        self.closed: list[tuple[int, str]] = []
        self.channel = Channel.WEB
        self._world = world
        self._random = random
        self._lines = 0
        self._lists: list[dict[str, dict[str, Any] | None]] = []
        self._renew()

    async def visit(self, rounds: list[str], moves: int) -> None:
        """Comes to a node, does some things, goes on to another."""
        while moves > 0:
            node = self._random.choice(self._world.nodes)
            try:
                room = await node.enter(SHOW.show_id)
            except LogUnavailable:
                await asyncio.sleep(0.1)
                continue
            try:
                moves -= await self._stay(node, room, rounds, self._random.randint(1, moves))
            finally:
                node.leave(room)

    async def _stay(self, node: Node, room: Room, rounds: list[str], moves: int) -> int:
        socket = FakeConnection(self.who)
        self.sockets.append(socket)
        try:
            await open_socket(room, socket, None, None)
        except LogUnavailable:
            room.hub.detach(socket)
            socket.close(CloseCode.TRY_LATER)
            return 0
        try:
            if not await self._sync(node, room):
                return 1
            for made in range(moves):
                await asyncio.sleep(self._random.random() ** 2 * 0.3)
                if socket.closed is not None or not await self._act(node, room, rounds):
                    return made + 1
            return moves
        finally:
            room.hub.detach(socket)
            if socket.closed is not None:
                self.closed.append(socket.closed)

    # --- what one may do ------------------------------------------------------------------

    async def _act(self, node: Node, room: Room, rounds: list[str]) -> bool:
        choose = self._random
        if choose.random() < 0.3:
            return await self._edit(node, room)
        if choose.random() < 0.4:
            return await self._say(node, room)
        if choose.random() < 0.4:
            return await self._give(node, room, self._wish(room, rounds)) is not None
        round_id = choose.choice(rounds)
        options: list[AnyCommand] = [
            cmd.CastVote(round_id, (Pick(choose.choice(["o1", "o2"])),)),
            cmd.CastVote(round_id, (Pick(choose.choice(["o1", "o2"])),)),
            cmd.WithdrawVote(round_id),
            cmd.React(choose.choice(REACTIONS)),
        ]
        options += self._moderated(room)
        entries = room.replica.document.entries()
        playing = choose.choice(entries).id if entries and choose.random() < 0.8 else None
        options.append(cmd.SetNowPlaying(playing))
        self._lists.append({entry.id: dict(entry_fields(entry)) for entry in entries})
        past = choose.choice(self._lists)
        one = dict(choose.sample(sorted(past.items()), min(1, len(past))))
        options.append(cmd.RewriteSetlist("restore", one))
        if self.who.is_crew:
            other = choose.choice(self._world.people).participant_id
            lines = room.replica.state.memory.chat
            options += [
                cmd.SetSlowMode(choose.choice([0, 0, 1])),
                cmd.MuteParticipant(other, choose.choice([None, 0, 1])),
                cmd.LockSetlist(),
                cmd.UnlockSetlist(),
                cmd.OpenRound(round_id),
                cmd.ExtendRound(round_id, 1),
                cmd.CloseRound(round_id),
                cmd.RevealRound(round_id),
                cmd.Announce("Set break"),
                cmd.RewriteSetlist("rollback", past),
            ]
            if lines:
                options.append(cmd.RemoveChat(choose.choice(lines).chat_message_id))
        await self._give(node, room, choose.choice(options))
        return True

    def _moderated(self, room: Room) -> list[AnyCommand]:
        """What is held and reported, and what crew does about it."""
        choose, memory = self._random, room.replica.state.memory
        options: list[AnyCommand] = []
        if memory.chat:
            line = choose.choice(memory.chat).chat_message_id
            options.append(cmd.ReportChat(line, choose.choice(list(ReportReason))))
        if not self.who.is_crew:
            return [*options, cmd.PostChat(f"{RUDE} {choose.random()}")]
        for held in list(memory.moderation.held)[:1]:
            options += [cmd.ReleaseChat(held), cmd.RemoveChat(held)]
        for reported in list(memory.moderation.reported)[:1]:
            options.append(cmd.DismissChatReports(reported))
        mode = choose.choice((WordFilterMode.HOLD, WordFilterMode.HOLD, WordFilterMode.OFF))
        options += [
            cmd.SetWordFilter(mode, choose.choice((None, ("row",)))),
            cmd.WithdrawAnnouncement(),
        ]
        return options

    def _wish(self, room: Room, rounds: Sequence[str | None]) -> AnyCommand:
        choose = self._random
        known = list(room.replica.state.memory.song_requests)
        if not known or choose.random() < 0.4:
            return cmd.RequestSong(
                title=choose.choice(TITLES),
                round_id=choose.choice([None, rounds[-1]]),
                separate=choose.random() < 0.1,
            )
        one = choose.choice(known)
        if self.who.is_crew and choose.random() < 0.7:
            return cmd.MarkSongRequest(one, choose.choice(list(RequestStatus)), "because")
        return cmd.UpvoteSongRequest(one, up=choose.random() < 0.7)

    async def _say(self, node: Node, room: Room) -> bool:
        self._lines += 1
        text = f"{self.who.display_name} {self._lines}"
        self.said[text] = None
        answer = await self._give(node, room, cmd.PostChat(text))
        if isinstance(answer, Ack):
            self.said[text] = True
        elif isinstance(answer, Reject) and not answer.retryable:
            self.said[text] = False
        return answer is not None

    async def _give(self, node: Node, room: Room, command: AnyCommand) -> Ack | Reject | None:
        """Says it, and says it again with the same id while nobody knows what became of it."""
        made = Envelope(
            command_id=self._world.new_id(),
            participant=self.who,
            received_at=node.clock.now(),
            command=command,
            payload_hash=b"hash",
            channel=self.channel,
        )
        last: Ack | Reject | None = None
        for _ in range(self._random.randint(1, 4)):
            try:
                answer = await room.ask(msgspec.structs.replace(made, received_at=node.clock.now()))
            except RoomError:
                return None
            assert isinstance(answer, Ack | Reject)
            last = answer
            if isinstance(answer, Ack):
                break
            assert answer.code != "internal_error"
            if not answer.retryable:
                break
        return last

    # --- the setlist ----------------------------------------------------------------------

    async def _edit(self, node: Node, room: Room) -> bool:
        self._doc.apply_update(room.replica.document.encode(self._doc.get_state()))
        before = self._doc.get_state()
        here = list(self._entries.keys())
        dice = self._random.random()
        if here and dice < 0.3:
            entry = self._entries[self._random.choice(here)]
            assert isinstance(entry, Map)
            entry["title"] = f"Song {self._random.random()}"
        elif here and dice < 0.5:
            del self._entries[self._random.choice(here)]
        else:
            self._entries[self._world.new_id()] = Map(
                {
                    "title": f"Song {self._random.random()}",
                    "section": "set1",
                    "position": f"{self._random.randint(1, 10**6)}V",
                    "segue": False,
                    "added_by": self.who.participant_id,
                }
            )
        return await self._send(node, room, self._doc.get_update(before))

    async def _sync(self, node: Node, room: Room) -> bool:
        """What a provider does when it connects: both sides tell what the other lacks."""
        theirs = room.replica.document.state_vector()
        self._doc.apply_update(room.replica.document.encode(self._doc.get_state()))
        return await self._send(node, room, self._doc.get_update(theirs))

    async def _send(self, node: Node, room: Room, update: bytes) -> bool:
        command = cmd.UpdateSetlist(update, first_sync=True)
        made = Envelope("", self.who, node.clock.now(), command, b"", keeps_reply=False)
        try:
            answer = await room.ask(made)
        except RoomError:
            return False
        assert isinstance(answer, SetlistAnswer)
        if answer.close is None:
            return True
        if answer.close[0] != CloseCode.TRY_LATER:
            self.turned_away.append(answer.close[1])
            self._renew()
        return False

    def _renew(self) -> None:
        self._doc: Doc[Map[object]] = Doc()
        self._entries = self._doc.get("entries", type=Map)
