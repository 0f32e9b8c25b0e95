"""The embedded stores of one data folder: what they are set to, and who may have them."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from storage.embedded import (
    DataFolderBusyError,
    EmbeddedStoreError,
    EmbeddedStores,
    StoreUrls,
    running_stores,
)
from storage.embedded.account import Account, store_account
from storage.embedded.binaries import find_binaries
from storage.embedded.process import ChildProcess
from tests.storage.embedded.conftest import Owner, gone

ROOT = Path(__file__).parents[3]


async def test_postgres_is_durable_and_orders_by_code_point(data_dir: Path) -> None:
    stores = EmbeddedStores(data_dir)
    urls = await stores.start()
    try:
        connection = await asyncpg.connect(urls.database_url)
        shown = {
            name: await connection.fetchval(f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "server_encoding", "max_connections")
        }
        assert shown == {
            "fsync": "on",
            "synchronous_commit": "on",
            "server_encoding": "UTF8",
            "max_connections": "200",
        }
        assert await connection.fetchval("SHOW server_version_num") >= "180000"
        words = await connection.fetch(
            "SELECT w FROM unnest($1::text[]) w ORDER BY w", list("zaZÉA")
        )
        assert "".join(word["w"] for word in words) == "AZazÉ"
        assert await connection.fetchval("SELECT lower('ÉTÉ')") == "été"
        assert await connection.fetchval("SELECT uuidv7()")
        await connection.close()
    finally:
        await stores.stop()


async def test_only_who_knows_the_password_gets_in(embedded_stores: StoreUrls) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(embedded_stores.database_url.replace("setroom:", "setroom:x"))
    async with Redis.from_url(embedded_stores.redis_url.replace("//:", "//:x")) as redis:
        with pytest.raises(AuthenticationError):
            await redis.ping()


async def test_secrets_are_in_no_argument_and_no_open_file(used_dir: Path) -> None:
    stores = EmbeddedStores(used_dir)
    urls = await stores.start()
    try:
        for pid in (stores.postgres.pid, stores.valkey.pid):
            arguments = Path(f"/proc/{pid}/cmdline").read_text()
            for url in (urls.database_url, urls.redis_url):
                assert url.split(":")[2].split("@")[0] not in arguments
        assert "redis" not in repr(urls)
        for name in ("stores.json", "stores/postgres.password", "stores/valkey/valkey.conf"):
            assert stat.S_IMODE((used_dir / name).stat().st_mode) == 0o600
    finally:
        await stores.stop()


async def test_a_second_start_is_told_who_holds_the_folder(
    start_owner: Callable[[], Owner], used_dir: Path
) -> None:
    owner = start_owner().read()
    second = EmbeddedStores(used_dir)

    with pytest.raises(DataFolderBusyError) as caught:
        await second.start()
    await second.stop()

    assert caught.value.pid == owner.process.pid
    assert f"process {owner.process.pid} (owner.py) since 20" in str(caught.value)
    assert "\n" not in str(caught.value)
    found = running_stores(used_dir)
    assert found is not None
    assert found.database_url == owner.database_url


async def test_stopped_stores_leave_the_folder_free(used_dir: Path) -> None:
    stores = EmbeddedStores(used_dir)
    first = await stores.start()
    await stores.stop()
    assert running_stores(used_dir) is None

    second = await stores.start()
    await stores.stop()

    assert first.database_url.split("@")[0] == second.database_url.split("@")[0]


async def test_a_ctrl_c_in_the_terminal_does_not_reach_the_stores(
    used_dir: Path,
    start_owner: Callable[[], Owner],
) -> None:
    owner = start_owner().read()

    groups = {os.getpgid(pid) for pid in owner.pids}

    assert os.getpgid(owner.process.pid) not in groups


async def test_an_orderly_stop_ends_both_and_needs_no_recovery(
    start_owner: Callable[[], Owner], used_dir: Path
) -> None:
    owner = start_owner().read()

    assert owner.process.stdin is not None
    owner.process.stdin.close()
    assert owner.process.wait(30) == 0

    assert all([await gone(pid) for pid in owner.pids])
    log = (used_dir / "stores" / "postgres.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


async def test_data_of_another_version_is_refused_in_one_line(used_dir: Path) -> None:
    stores = EmbeddedStores(used_dir)
    (used_dir / "stores" / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedStoreError, match=r"holds 17 PostgreSQL data") as caught:
        await stores.start()

    assert "\n" not in str(caught.value)


async def test_what_postgres_complains_about_is_in_the_error(used_dir: Path) -> None:
    stores = EmbeddedStores(used_dir)
    (used_dir / "stores" / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedStoreError, match=r"PostgreSQL did not start: .*FATAL") as caught:
        await stores.start()

    assert "postgres.log" in str(caught.value)
    assert running_stores(used_dir) is None


async def test_a_long_path_keeps_its_socket_elsewhere(data_dir: Path) -> None:
    deep = data_dir / ("a" * 60) / ("b" * 60)
    stores = EmbeddedStores(deep)
    urls = await stores.start()
    try:
        elsewhere = Path((deep / "stores" / "sockets.path").read_text())
        assert list(elsewhere.glob(".s.PGSQL.*"))
        await (await asyncpg.connect(urls.database_url)).close()
    finally:
        await stores.stop()
    assert not elsewhere.exists()


async def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EmbeddedStoreError, match="cannot be used: Not a directory"):
        await EmbeddedStores(tmp_path / "file" / "data").start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
async def test_root_keeps_its_stores_elsewhere_when_its_home_is_closed(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    stores = EmbeddedStores(closed / "data")
    target = None
    try:
        urls = await stores.start()
        target = (closed / "data" / "stores").readlink()
        await (await asyncpg.connect(urls.database_url)).close()
        assert Path(f"/proc/{stores.postgres.pid}").stat().st_uid == store_account().uid
    finally:
        await stores.stop()
        if target is not None:
            subprocess.run(["rm", "-rf", str(target)], check=True)
    assert target.parent == Path("/var/lib/setroom")


def test_programs_that_the_account_cannot_reach_are_copied_once(tmp_path: Path) -> None:
    class Stranger(Account):
        """Can reach nothing of ours."""

        def can_reach(self, path: Path) -> bool:
            return False

    stranger = Stranger("stranger", 65533, 65533, changes=True)
    copied = find_binaries(stranger, tmp_path)
    written = copied.postgres.stat().st_mtime_ns

    assert tmp_path in copied.postgres.parents
    for program in (copied.postgres, copied.initdb, copied.valkey):
        subprocess.run([program, "--version"], check=True, stdout=subprocess.DEVNULL)
    assert find_binaries(stranger, tmp_path).postgres.stat().st_mtime_ns == written


async def test_without_a_death_signal_a_lifeline_does_the_same() -> None:
    """macOS has no death signal; the watcher over a pipe works everywhere."""
    script = (
        "import signal, sys\n"
        "from storage.embedded.process import ChildProcess\n"
        "store = ChildProcess.start(['/bin/sleep', '600'], environment={}, output=2,\n"
        "    death_signal=signal.SIGKILL, use_lifeline=True)\n"
        "print(store.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None and parent.stdin is not None
    with parent.stdout, parent.stdin:
        store = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        assert await gone(store)


async def test_an_orderly_stop_says_farewell_on_the_lifeline() -> None:
    store = ChildProcess.start(
        ["/bin/sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.01; done"],
        death_signal=signal.SIGKILL,
        environment={},
        output=2,
        use_lifeline=True,
    )
    await store.stop([(signal.SIGTERM, 10.0)])

    assert store.exit_code in (7, -signal.SIGTERM)  # -15: before the shell set its trap
