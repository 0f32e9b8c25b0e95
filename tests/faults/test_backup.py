"""The drill: a room is on, is backed up, goes on, is brought back, and continues."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from loadtests.faults import processes, setting
from loadtests.faults.processes import Command
from loadtests.wire import ApiClient, RoomClient
from loadtests.wire.api import ApiProblem
from loadtests.wire.messages import EventMessage
from storage.embedded import EmbeddedStores
from tests.faults.conftest import SECRET_KEY, urls_of
from tests.patience import PATIENT_S


async def _setroom(stores: EmbeddedStores, *arguments: str) -> tuple[int, str]:
    """A ``setroom`` command on these stores: its exit code and what it said."""
    urls = urls_of(stores)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            "PATH": "/usr/bin:/bin",
            "SETROOM_DATABASE_URL": urls.database_url,
            "SETROOM_REDIS_URL": urls.redis_url,
            "SETROOM_SECRET_KEY": SECRET_KEY,
        },
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.fixture
async def node(own_stores: EmbeddedStores, data_dir: Path) -> AsyncIterator[Command]:
    urls = urls_of(own_stores)
    command = processes.serve(
        urls.database_url,
        urls.redis_url,
        data_dir / "node.log",
        name="only",
        secret_key=SECRET_KEY,
    )
    try:
        await command.start()
        yield command
    finally:
        await command.stop()


class Fan:
    """A guest in the room, and everything that it heard, by epoch."""

    def __init__(self, api: ApiClient, show_id: str) -> None:
        self.api = api
        self.heard: dict[str, list[EventMessage]] = {}
        self.room = RoomClient(api, show_id, on_event=self._hear)

    def _hear(self, event: EventMessage) -> None:
        self.heard.setdefault(str(self.room.place.epoch), []).append(event)

    def lines(self) -> list[str]:
        """What was said in the log that this fan follows now."""
        events = self.heard.get(str(self.room.place.epoch), [])
        return [str(event.data["text"]) for event in events if event.name == "chat_posted"]

    def titles(self) -> set[str]:
        return {entry.title for entry in self.room.setlist.entries()}

    async def add(self, title: str) -> None:
        me = self.room.participant_id
        edit = await self.room.edit(lambda setlist: setlist.add(title, "set1", me))
        await edit.saved(PATIENT_S)


async def test_a_room_continues_after_its_backup_was_brought_back(
    node: Command, own_stores: EmbeddedStores, http: aiohttp.ClientSession, data_dir: Path
) -> None:
    crew = await setting.new_crew(node.url, http)
    assert crew.credentials is not None
    show_id = str((await setting.live_show(crew, "Brought back"))["id"])
    round_id = await setting.open_round(crew, show_id, setting.single_choice(3))
    fans = [Fan(await setting.new_guest(node.url, http, f"fan {n}"), show_id) for n in range(2)]
    early, offline = fans
    assert early.api.credentials is not None
    backup = data_dir / "night.setroom"

    async with early.room, offline.room:
        for fan in fans:
            await fan.room.entered(PATIENT_S)
        await early.room.command("post_chat", {"text": "kept"})
        await early.room.command("cast_vote", _vote(round_id, 1))
        await early.add("Kept song")
        code, said = await _setroom(own_stores, "backup", str(backup))
        assert code == 0, said

        # What is acknowledged after the backup is given up by whoever brings it back.
        lost_token = await _refresh(early.api, str(early.api.credentials.refresh_token))
        await early.room.command("post_chat", {"text": "given up"})
        await early.room.command("cast_vote", _vote(round_id, 2))
        await early.add("Given up song")
        late = Fan(await setting.new_guest(node.url, http, "late"), show_id)
        async with late.room:
            await late.room.entered(PATIENT_S)
            await late.room.command("post_chat", {"text": "by somebody who will not be known"})
        await offline.room.until(lambda: len(offline.lines()) == 3, PATIENT_S)
        before = str(offline.room.place.epoch)
        offline.room.go_offline()
        await offline.room.until(lambda: not offline.room.connected, PATIENT_S)
        me = offline.room.participant_id
        unsent = await offline.room.edit(lambda list_: list_.add("Offline song", "set1", me))

        code, said = await _setroom(own_stores, "restore", "--replace", str(backup))
        assert code == 0, said

        offline.room.go_online()
        await asyncio.gather(*(fan.room.until(_follows_another(fan, before)) for fan in fans))
        for fan in fans:
            await fan.room.entered(PATIENT_S)
        await unsent.saved(PATIENT_S)
        await early.room.until(lambda: "Offline song" in early.titles(), PATIENT_S)
        assert early.titles() == offline.titles() == {"Kept song", "Offline song"}
        said_lines = [line["text"] for line in _snapshot_chat(early.room)]
        assert said_lines == ["kept"]

        # The room continues; what is said now follows what was kept.
        await early.room.command("post_chat", {"text": "afterwards"})
        await offline.room.command("cast_vote", _vote(round_id, 3))
        await offline.room.until(lambda: offline.lines()[-1:] == ["afterwards"], PATIENT_S)
        assert [fan.room.place.violations for fan in fans] == [[], []]

    # A guest's session goes on from the token that was given out meanwhile, and from no other.
    assert await _refresh(early.api, lost_token) != lost_token
    with pytest.raises(ApiProblem) as used:
        await _refresh(early.api, lost_token)
    assert used.value.code == "refresh_token_reused"
    with pytest.raises(ApiProblem) as ended:
        await crew.get("/api/auth/profile")
    assert ended.value.status == 401  # who signed out meanwhile would be signed in again
    with pytest.raises(ApiProblem) as unknown:
        await late.api.get("/api/auth/profile")
    assert unknown.value.status == 401
    await _judge(own_stores, show_id, round_id, early.room.participant_id)


async def _refresh(api: ApiClient, token: str) -> str:
    answer = await api.post("/api/auth/refresh", {"refresh_token": token})
    return str(answer["refresh_token"])


def _vote(round_id: str, option: int) -> dict[str, object]:
    return {"round_id": round_id, "picks": [{"option_id": f"o{option}"}]}


def _follows_another(fan: Fan, epoch: str) -> Callable[[], bool]:
    return lambda: fan.room.connected and str(fan.room.place.epoch) != epoch


def _snapshot_chat(room: RoomClient) -> list[dict[str, str]]:
    assert room.welcome is not None and not room.welcome.recovered
    return list(room.welcome.state["chat"])


async def _judge(stores: EmbeddedStores, show_id: str, round_id: str, early: str) -> None:
    """The tables say the same: the old vote, nothing twice, no gap."""
    connection = await asyncpg.connect(urls_of(stores).database_url)
    try:
        ballots = await connection.fetch(
            "SELECT participant_id::text AS who, picks->0->>'option_id' AS option FROM ballots"
            " WHERE round_id = $1",
            round_id,
        )
        assert {row["who"]: row["option"] for row in ballots}[early] == "o1"
        assert sorted(row["option"] for row in ballots) == ["o1", "o3"]
        seqs = await connection.fetch(
            "SELECT seq FROM room_events WHERE show_id = $1 ORDER BY seq", show_id
        )
        assert [row["seq"] for row in seqs] == list(range(1, len(seqs) + 1))
        left = await connection.fetchval(
            "SELECT count(*) FROM pg_namespace WHERE nspname = 'setroom_coming'"
        )
        assert left == 0
    finally:
        await connection.close()
