"""The check of ``setroom doctor`` that is about Redis: any form, with and without TLS."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import RedisError

from server.cli.checks import CONNECT_S, Finding, Verdict
from server.cli.unreachable import why
from server.settings import Settings
from storage.redis.addresses import Form, RedisAddress, parse
from storage.redis.clients import connect, connect_to

REDIS_MAJOR_MIN: Final = 7
VALKEY_MAJOR_MIN: Final = 8

_FILES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_FAULTS: Final = (OSError, TimeoutError, RedisError, ValueError)


async def redis(settings: Settings) -> Finding:
    """Redis or Valkey: reachable, who it says it is, and new enough."""
    try:
        address = parse(settings.redis_url.reveal())
    except ValueError as error:
        return _bad(str(error))
    missing = _missing_file(address)
    if missing is not None:
        return _bad(missing)
    try:
        return await _asked(address)
    except MasterNotFoundError:
        return _bad(await _no_primary(address))
    except _FAULTS as error:
        return _bad(f"not reachable: {_said(error, address)}")


def _missing_file(address: RedisAddress) -> str | None:
    for name in _FILES:
        path = (address.tls or {}).get(name)
        if path is not None and not Path(path).is_file():
            return f"SETROOM_REDIS_URL: {name} names a file that is not there: {path}"
    return None


async def _asked(address: RedisAddress) -> Finding:
    shards = 0
    client: Any = connect(address, timeout_s=CONNECT_S, connect_s=CONNECT_S, connections_max=2)
    async with asyncio.timeout(2 * CONNECT_S), client:
        info = await client.info("server")
        if address.form is Form.CLUSTER:
            state = await client.cluster_info()
            shards = int(state["cluster_size"])
            if state["cluster_state"] != "ok":
                return _bad("the cluster cannot serve: slots without a node")
    is_valkey = "valkey_version" in info
    name = "Valkey" if is_valkey else "Redis"
    version = str(info.get("valkey_version") or info["redis_version"])
    least = VALKEY_MAJOR_MIN if is_valkey else REDIS_MAJOR_MIN
    if int(version.split(".")[0]) < least:
        return Finding(name, Verdict.BAD, f"{version}, but {least} or later is needed")
    where = {
        Form.SINGLE: "",
        Form.SENTINEL: f", the primary of {address.service}",
        Form.CLUSTER: f", a cluster of {shards} shards",
    }
    return Finding(name, Verdict.GOOD, version + where[address.form] + _encrypted(address))


def _encrypted(address: RedisAddress) -> str:
    if address.tls is None:
        return ""
    if address.tls.get("ssl_cert_reqs") == "none":
        return ", over TLS, but whoever answers is believed: ssl_cert_reqs=none"
    return ", over TLS"


async def _no_primary(address: RedisAddress) -> str:
    """What the library leaves out: why none of the sentinels named a primary that answers."""
    reasons: list[str] = []
    for host, port in address.hosts:
        sentinel = connect_to(
            host,
            port,
            RedisAddress(
                Form.SENTINEL,
                username=address.sentinel_username,
                password=address.sentinel_password,
                tls=address.tls,
            ),
            socket_timeout=CONNECT_S,
            socket_connect_timeout=CONNECT_S,
        )
        try:
            async with asyncio.timeout(CONNECT_S), sentinel:
                known: Any = await sentinel.sentinel_masters()
        except _FAULTS as error:
            reasons.append(f"the sentinel at {host}:{port}: {_said(error, address)}")
            continue
        if address.service not in known:
            return f"not reachable: the sentinels know no service called {address.service}"
        return f"not reachable: the sentinels hold the primary of {address.service} for down"
    return f"not reachable: {reasons[0]}"


def _said(error: BaseException, address: RedisAddress) -> str:
    said = why(error, authority_option="ssl_ca_certs")
    if address.tls is not None and "imeout" in said:
        return f"{said}; does it speak TLS at that port?"
    return said


def _bad(said: str) -> Finding:
    return Finding("Redis", Verdict.BAD, said)
