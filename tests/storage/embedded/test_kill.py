"""kill -9 at any moment leaves something that starts again, with everything committed."""

import asyncio
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from storage.embedded import EmbeddedStores
from tests.storage.embedded.conftest import Owner, gone

StartOwner = Callable[[], Owner]
ROUNDS = 6


async def test_the_stores_die_with_their_owner(used_dir: Path, start_owner: StartOwner) -> None:
    owner = start_owner().read()

    owner.kill()

    assert all([await gone(pid) for pid in owner.pids])


async def test_what_was_committed_is_there_after_a_kill(
    used_dir: Path, start_owner: StartOwner
) -> None:
    owner = start_owner().read()
    connection = await asyncpg.connect(owner.database_url)
    await connection.execute("CREATE TABLE said (line int PRIMARY KEY)")
    acknowledged = []
    for line in range(200):
        await connection.execute("INSERT INTO said VALUES ($1)", line)
        acknowledged.append(line)
    connection.terminate()

    owner.kill_everything()

    stores = EmbeddedStores(used_dir)
    urls = await stores.start()
    try:
        connection = await asyncpg.connect(urls.database_url)
        rows = await connection.fetch("SELECT line FROM said ORDER BY line")
        await connection.close()
    finally:
        await stores.stop()
    assert [row["line"] for row in rows] == acknowledged


async def test_a_start_that_was_killed_anywhere_can_be_repeated(
    start_owner: StartOwner, data_dir: Path
) -> None:
    seed = int(os.environ.get("TEST_SEED", "0")) or random.randrange(2**32)
    print(f"TEST_SEED={seed}")
    chance = random.Random(seed)
    for number in range(ROUNDS):
        owner = start_owner()
        # Not a wait for something: the moment of the kill is what is being varied.
        time.sleep(chance.uniform(0.05, 1.5))
        if number % 2:
            owner.kill()
        else:
            owner.kill_everything()

    stores = EmbeddedStores(data_dir)
    urls = await stores.start()
    try:
        connection = await asyncpg.connect(urls.database_url)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        async with Redis.from_url(urls.redis_url) as redis:
            assert await redis.ping()
    finally:
        await stores.stop()
    assert not list((data_dir / "stores").glob("postgres-building-*"))


async def test_a_restart_right_after_the_kill_waits_for_the_dying_stores(
    used_dir: Path, start_owner: StartOwner
) -> None:
    owner = start_owner().read()

    owner.kill()
    again = start_owner().read()

    assert again.database_url
    assert not set(again.pids) & set(owner.pids)


@pytest.mark.parametrize("content", ["", "12", "999999\n", "{own}\n/elsewhere\n1\n5432\n\n\n\n\n"])
async def test_a_false_pid_file_does_not_stop_a_start(used_dir: Path, content: str) -> None:
    stores = EmbeddedStores(used_dir)
    folder = used_dir / "stores"
    # Cut short by a crash, of a process long gone, or of one that has nothing to do with it.
    false = content.format(own=os.getpid())
    (folder / "postgres" / "postmaster.pid").write_text(false)
    (folder / "sockets" / ".s.PGSQL.5432.lock").write_text(false)

    await stores.start()
    await stores.stop()


async def test_an_orphaned_valkey_is_ended(used_dir: Path) -> None:
    stores = EmbeddedStores(used_dir)
    await stores.start()
    program = Path(f"/proc/{stores.valkey.pid}/exe").resolve()
    await stores.stop()
    folder = used_dir / "stores" / "valkey"
    orphan = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(folder / "orphan.sock"), "--save", ""],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        await stores.start()
        assert await gone(orphan.pid)
    finally:
        await stores.stop()
        orphan.kill()
        orphan.wait()


async def test_a_persons_shell_in_the_data_folder_is_left_alone(used_dir: Path) -> None:
    stores = EmbeddedStores(used_dir)
    shell = subprocess.Popen(["sleep", "60"], cwd=used_dir / "stores" / "postgres")
    try:
        await stores.start()
        assert shell.poll() is None
    finally:
        await stores.stop()
        shell.kill()
        shell.wait()


async def test_a_store_that_ends_by_itself_is_revived_on_its_port(used_dir: Path) -> None:
    stores = EmbeddedStores(used_dir)
    urls = await stores.start()
    try:
        assert await stores.revive() == []
        for pid in (stores.valkey.pid, stores.postgres.pid):
            assert pid is not None
            os.kill(pid, 9)
        await stores.valkey.wait_ended()
        await stores.postgres.wait_ended()
        assert await stores.revive() == ["Valkey", "PostgreSQL"]
        connection = await asyncpg.connect(urls.database_url)
        await connection.close()
        async with Redis.from_url(urls.redis_url) as redis:
            assert await redis.ping()
    finally:
        await stores.stop()


async def test_what_a_killed_creation_left_is_cleared_while_its_programs_still_write(
    data_dir: Path,
) -> None:
    building = data_dir / "stores" / "postgres-building-x"
    data = building / "postgres"
    data.mkdir(parents=True)
    # A program of initdb's that has outlived it: it is called so, and works there.
    program = data_dir / "postgres"
    program.symlink_to(sys.executable)
    script = (
        "import itertools, pathlib\n"
        "for n in itertools.count(): pathlib.Path(f'{n % 50}').write_text('')\n"
    )
    left = subprocess.Popen([program, "-c", script], cwd=data, stderr=subprocess.DEVNULL)
    stores = EmbeddedStores(data_dir)
    try:
        assert await _called(left.pid, "postgres")
        await stores.start()
        assert not building.exists()
        assert left.wait(60) != 0
    finally:
        await stores.stop()
        left.kill()
        left.wait()


async def _called(pid: int, name: str) -> bool:
    async with asyncio.timeout(60):
        while psutil.Process(pid).name() != name:
            await asyncio.sleep(0.01)
    return True


async def test_a_lock_that_only_a_dead_holders_child_has_is_waited_for(used_dir: Path) -> None:
    lock = used_dir / "lock"
    holding = "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.flock(f, fcntl.LOCK_EX)\n"
    child = subprocess.Popen(
        [sys.executable, "-c", holding + "print('held', flush=True); sys.stdin.read()", lock],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None and child.stdout is not None
    child.stdout.readline()
    gone = subprocess.Popen(["true"])
    gone.wait()
    lock.write_text(json.dumps({"pid": gone.pid, "command": "setroom", "since": "now"}))
    ending = threading.Timer(0.3, child.stdin.close)
    ending.start()
    stores = EmbeddedStores(used_dir)
    try:
        await stores.start()
    finally:
        await stores.stop()
        ending.join()
        child.wait(60)
        child.stdout.close()
