"""Fixtures for everybody: real stores, started once per worker, and a clean part of them per test.

==================  =======  ==============================================================
fixture             scope    what it gives
==================  =======  ==============================================================
`data_dir`          test     an empty, short-named folder that embedded stores can live in
`embedded_stores`   session  running stores (`StoreUrls`); shared, so do not stop them
`database_url`      test     a fresh database with every migration applied
`empty_database_url` test    a fresh database with nothing in it
`redis_url`         test     an empty Valkey database; channels are shared by the session
`redis_sentinel_url`  session  a primary and a replica behind a sentinel; do not stop them
`redis_cluster_url` session  a cluster of three shards; do not stop them either
==================  =======  ==============================================================

A test that kills or stops stores starts its own: ``EmbeddedStores(data_dir)``.
"""

import asyncio
import inspect
import itertools
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from storage.embedded import EmbeddedStores, StoreUrls
from tests.browser.walk_table import pytest_terminal_summary as pytest_terminal_summary

# How long an example takes says what else the machine does, and nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

Result = TypeVar("Result")
TEMPLATE = "migrated"
VALKEY_DATABASES = 16
_numbers = itertools.count(1)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work`` to its end from a fixture that is not async, on a loop of its own."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty data folder. Not below pytest's own: that one is closed to the account that
    root's stores run under, and its names are too long for a unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="setroom-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def embedded_stores() -> Iterator[StoreUrls]:
    """PostgreSQL and Valkey for this worker; without fsync, because nothing outlives the run."""
    folder = Path(tempfile.mkdtemp(prefix="setroom-test-"))
    stores = EmbeddedStores(folder, durable=False)
    try:
        yield run(stores.start())
    finally:
        run(stores.stop())
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_template(embedded_stores: StoreUrls) -> str:
    """The name of a database with every migration applied, to copy from."""
    # Imported here: most tests of the pure parts need neither stores nor migrations.
    from storage.migrate import migrate

    async def make() -> None:
        await _administer(embedded_stores, f"CREATE DATABASE {TEMPLATE}")
        done = migrate(_with_database(embedded_stores.database_url, TEMPLATE))
        if inspect.isawaitable(done):
            await done
        # A database can only be copied while nobody is connected to it.
        await _administer(
            embedded_stores,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{TEMPLATE}'",
        )

    run(make())
    return TEMPLATE


@pytest.fixture
def database_url(embedded_stores: StoreUrls, migrated_template: str) -> Iterator[str]:
    """A fresh database with every migration applied; dropped afterwards, open connections too."""
    yield from _database(embedded_stores, migrated_template)


@pytest.fixture
def empty_database_url(embedded_stores: StoreUrls) -> Iterator[str]:
    """A fresh database with nothing in it; dropped afterwards, open connections too."""
    yield from _database(embedded_stores, "template0")


@pytest.fixture
def redis_url(embedded_stores: StoreUrls) -> Iterator[str]:
    """An empty Valkey database. Channels are not per database: use ids of your own in them."""
    parts = urlsplit(embedded_stores.redis_url)
    url = parts._replace(path=f"/{next(_numbers) % VALKEY_DATABASES}").geturl()
    run(_flush(url))
    yield url
    run(_flush(url))


@pytest.fixture(scope="session")
def redis_sentinel_url() -> Iterator[str]:
    """A primary and a replica behind a sentinel; what a test leaves is there for the next."""
    from tests.valkeys import Watched, running

    with running(Watched) as watched:
        yield watched.url


@pytest.fixture(scope="session")
def redis_cluster_url() -> Iterator[str]:
    """A cluster of three shards; what a test leaves is there for the next."""
    from tests.valkeys import Cluster, running

    with running(Cluster) as cluster:
        yield cluster.url


def _database(stores: StoreUrls, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    run(_administer(stores, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield _with_database(stores.database_url, name)
    run(_administer(stores, f"DROP DATABASE {name} WITH (FORCE)"))


def _with_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


async def _administer(stores: StoreUrls, statement: str) -> None:
    connection = await asyncpg.connect(_with_database(stores.database_url, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _flush(url: str) -> None:
    from redis.asyncio import Redis

    async with Redis.from_url(url) as client:
        await client.flushdb()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test fails the run: nobody reads the list of skips there."""
    if hasattr(session.config, "workerinput") or os.environ.get("CI") != "true":
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("skipped tests fail the run when CI=true", red=True, bold=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        # For .ci/second-look, which looks at what failed and would not see them.
        if (cache := session.config.cache) is not None:
            cache.set("setroom/skipped", len(reporter.stats["skipped"]))
