"""Redis over TLS, in every form, against a real server behind a proxy that ends it: who may be
believed is, and nobody else; and the doctor says what to do."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trustme

from rooms.operations.priorities import Priority
from server.cli.checks import Verdict
from server.cli.redis_checks import redis as checked
from server.rate_limits import Rule, SharedRateLimits
from server.secret import Secret
from server.settings import Settings
from storage.embedded.ports import free_port
from storage.redis.clients import connect
from storage.rooms.bus import room_bus
from tests.contract.harness import new_id
from tests.contract.test_room_bus import Inbox
from tests.jobs.queue.working import broker_of
from tests.patience import PATIENT_S
from tests.tls import TlsProxy, server_context, tls_in_front_of
from tests.valkeys import NODE_TIMEOUT_MS, PASSWORD, SERVICE, Valkey

COMMON = ("--save", "", "--requirepass", PASSWORD, "--masterauth", PASSWORD, "--bind", "127.0.0.1")
FORMS = ("single", "sentinel", "cluster")


@dataclass
class Stage:
    """Servers behind proxies, of which two hold a certificate of `authority`.

    Attributes:
        urls: by form, without options.
        misnamed: the same servers, behind proxies that are certified for another host.
        proxies: in front of what `urls` reach, by form.
    """

    authority: Path
    stranger: Path
    urls: dict[str, str]
    misnamed: dict[str, str]
    proxies: dict[str, list[TlsProxy]]
    identity: tuple[Path, Path]
    asking: str


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("tls")
    authority, stranger = trustme.CA(), trustme.CA()
    known, unknown = folder / "authority.pem", folder / "stranger.pem"
    authority.cert_pem.write_to_path(str(known))
    stranger.cert_pem.write_to_path(str(unknown))
    certificate, key = folder / "client.pem", folder / "client.key"
    own = authority.issue_cert("node@setroom.test")
    own.cert_chain_pems[0].write_to_path(str(certificate))
    own.private_key_pem.write_to_path(str(key))
    ours = server_context(authority, "127.0.0.1")
    with ExitStack() as stack:
        made = _Servers(folder, stack)
        urls, proxies = made.behind(ours)
        misnamed, _ = made.behind(server_context(authority, "redis.example"))
        asking = server_context(authority, "127.0.0.1")
        asking.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(asking)
        wants = stack.enter_context(tls_in_front_of(made.single.port, asking))
        yield Stage(
            known,
            unknown,
            urls,
            misnamed,
            proxies,
            (certificate, key),
            f"rediss://:{PASSWORD}@127.0.0.1:{wants.port}/0",
        )


class _Servers:
    """Makes servers, and proxies in front of them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self.single = self._started(Valkey(folder, *COMMON))

    def _started(self, server: Valkey) -> Valkey:
        self._stack.callback(server.kill)
        server.start()
        return server

    def behind(self, context: Any) -> tuple[dict[str, str], dict[str, list[TlsProxy]]]:
        """Addresses of one server, a service behind a sentinel and a cluster of two."""
        single = self._proxy(self.single.port, context)
        watched = self._sentinel(single, context)
        shards = [self._shard(context) for _ in range(2)]
        _join(shards[0][0], shards[1][0], shards[1][2])
        places = ",".join(f"127.0.0.1:{proxy.port}" for _, proxy, _ in shards)
        urls = {
            "single": f"rediss://:{PASSWORD}@127.0.0.1:{single.port}/0",
            "sentinel": f"rediss+sentinel://:{PASSWORD}@127.0.0.1:{watched.port}/{SERVICE}",
            "cluster": f"rediss+cluster://:{PASSWORD}@{places}",
        }
        proxies = {
            "single": [single],
            "sentinel": [watched],
            "cluster": [proxy for _, proxy, _ in shards],
        }
        return urls, proxies

    def _proxy(self, port: int, context: Any) -> TlsProxy:
        return self._stack.enter_context(tls_in_front_of(port, context))

    def _sentinel(self, primary: TlsProxy, context: Any) -> TlsProxy:
        port = free_port()
        config = self._folder / f"sentinel-{port}.conf"
        config.write_text(
            f"bind 127.0.0.1\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {primary.port} 1\n"
            f"sentinel auth-pass {SERVICE} {PASSWORD}\n"
            f"sentinel down-after-milliseconds {SERVICE} {NODE_TIMEOUT_MS}\n"
        )
        self._started(Valkey(self._folder, str(config), "--sentinel", port=port))
        return self._proxy(port, context)

    def _shard(self, context: Any) -> tuple[Valkey, TlsProxy, int]:
        """One that tells clients to come by its proxy; with its port for the other's gossip."""
        port, gossip = free_port(), free_port()
        proxy = self._proxy(port, context)
        announced = ("--cluster-announce-port", str(proxy.port))
        cluster = ("--cluster-enabled", "yes", "--cluster-port", str(gossip), *announced)
        server = Valkey(self._folder, *COMMON, *cluster, port=port)
        return self._started(server), proxy, gossip


def _join(first: Valkey, second: Valkey, gossip: int) -> None:
    first.say("CLUSTER ADDSLOTSRANGE", 0, 8191)
    second.say("CLUSTER ADDSLOTSRANGE", 8192, 16383)
    second.say("CLUSTER SET-CONFIG-EPOCH", 2)
    first.say("CLUSTER MEET", "127.0.0.1", second.port, gossip)
    ends_at = time.monotonic() + PATIENT_S
    for one in (first, second):
        while one.say("CLUSTER INFO")["cluster_state"] != "ok":
            assert time.monotonic() < ends_at, "the cluster did not come up"
            time.sleep(0.02)


@asynccontextmanager
async def client_of(url: str) -> AsyncIterator[Any]:
    client: Any = connect(url, timeout_s=30, connect_s=30, connections_max=4)
    async with client:
        yield client


async def said(url: str) -> tuple[Verdict, str]:
    finding = await checked(Settings(redis_url=Secret(url)))
    return finding.verdict, finding.said


@pytest.mark.parametrize("form", FORMS)
async def test_everything_that_speaks_to_redis_does_so_encrypted(stage: Stage, form: str) -> None:
    url = f"{stage.urls[form]}?ssl_ca_certs={stage.authority}"
    before = [proxy.encrypted for proxy in stage.proxies[form]]
    async with client_of(url) as client:
        for number in range(20):  # keys of both shards
            await client.set(f"tls-{number}", number)
            assert int(await client.get(f"tls-{number}")) == number
    limits, rule = SharedRateLimits(url), Rule("tls", 3, 60)
    await limits.hit(rule, form)
    assert limits._redis_again_at == 0, "it was counted in Redis"
    await limits.close()
    broker = broker_of(url)
    assert await broker.send(Priority.BULK, b"{}", once=f"tls-{form}", once_ms=1000)
    await broker.shutdown()
    async with AsyncExitStack() as stack:
        here, there = [
            await stack.enter_async_context(room_bus(url, random=Random(seed))) for seed in (1, 2)
        ]
        inbox, shows = Inbox(there), [new_id() for _ in range(6)]
        for show_id in shows:
            await there.subscribe(show_id)
        async with asyncio.timeout(PATIENT_S):
            while {heard for heard, _ in inbox.messages} < set(shows):
                for show_id in shows:
                    here.publish(show_id, b"over TLS")
                await asyncio.sleep(0.02)
    after = [proxy.encrypted for proxy in stage.proxies[form]]
    assert all(now > then for now, then in zip(after, before, strict=True))
    assert not any(proxy.plain for proxy in stage.proxies[form] if form != "single"), "in the clear"
    verdict, words = await said(url)
    assert (verdict, words.endswith(", over TLS")) == (Verdict.GOOD, True)


@pytest.mark.parametrize("form", FORMS)
async def test_nobody_is_believed_whose_certificate_nobody_known_signed(
    stage: Stage, form: str
) -> None:
    # One is enough for a form: what is told of sentinels takes them seconds.
    for options in ("", f"?ssl_ca_certs={stage.stranger}")[: 2 if form == "single" else 1]:
        verdict, words = await said(stage.urls[form] + options)
        assert verdict is Verdict.BAD
        assert "signed by nobody known here" in words
        assert "?ssl_ca_certs=/path/of/ca.pem" in words
        assert PASSWORD not in words


@pytest.mark.parametrize("form", FORMS)
async def test_nobody_is_believed_who_shows_the_certificate_of_another_host(
    stage: Stage, form: str
) -> None:
    url = f"{stage.misnamed[form]}?ssl_ca_certs={stage.authority}"
    verdict, words = await said(url)
    assert verdict is Verdict.BAD
    assert "its certificate is for another host" in words and "127.0.0.1" in words


async def test_that_a_certificate_is_not_looked_at_is_said(stage: Stage) -> None:
    verdict, words = await said(f"{stage.misnamed['single']}?ssl_cert_reqs=none")
    assert (verdict, "ssl_cert_reqs=none" in words) == (Verdict.GOOD, True)


async def test_a_server_that_asks_who_we_are_is_told(stage: Stage) -> None:
    trusting = f"{stage.asking}?ssl_ca_certs={stage.authority}"
    certificate, key = stage.identity
    verdict, words = await said(f"{trusting}&ssl_certfile={certificate}&ssl_keyfile={key}")
    assert (verdict, words.endswith(", over TLS")) == (Verdict.GOOD, True)
    verdict, words = await said(trusting)
    assert verdict is Verdict.BAD


async def test_a_file_that_is_not_there_is_named(stage: Stage) -> None:
    verdict, words = await said(f"{stage.urls['single']}?ssl_ca_certs=/nowhere/ca.pem")
    assert (verdict, "ssl_ca_certs" in words, "/nowhere/ca.pem" in words) == (
        Verdict.BAD,
        True,
        True,
    )
