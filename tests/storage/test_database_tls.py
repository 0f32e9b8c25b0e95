"""PostgreSQL over TLS: what the address says about certificates reaches the driver, and counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme

from server.cli import checks
from server.cli.checks import Finding, Verdict
from server.secret import Secret
from server.settings import Settings
from storage.database import open_database
from storage.migrate import pending
from tests.tls import TlsProxy, server_context, tls_in_front_of


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def known(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def proxy(database_url: str, authority: trustme.CA) -> Iterator[TlsProxy]:
    port = urlsplit(database_url).port
    assert port is not None
    with tls_in_front_of(port, server_context(authority, "127.0.0.1")) as running:
        yield running


def by(proxy: TlsProxy, database_url: str, options: str) -> str:
    """The database's address by way of the proxy."""
    parts = urlsplit(database_url)
    host = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{proxy.port}"
    return parts._replace(netloc=host, query=options).geturl()


async def said(url: str) -> Finding:
    first, *_ = await checks.database(Settings(database_url=Secret(url)), embedded=False)
    return first


async def test_everything_that_speaks_to_postgres_does_so_encrypted(
    database_url: str, proxy: TlsProxy, known: Path
) -> None:
    url = by(proxy, database_url, f"sslmode=verify-full&sslrootcert={known}")
    database = await open_database(url, connections_max=2)
    assert await database.pool.fetchval("SELECT 1") == 1
    await database.close()
    before = proxy.encrypted
    assert not await pending(url)
    assert proxy.encrypted > before, "migrations as well"
    assert (await said(url)).verdict is Verdict.GOOD
    assert proxy.plain == 0


async def test_nobody_is_believed_whose_certificate_is_of_nobody_known(
    database_url: str, proxy: TlsProxy, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    url = by(proxy, database_url, f"sslmode=verify-full&sslrootcert={stranger}")
    finding = await said(url)
    assert finding.verdict is Verdict.BAD
    assert "signed by nobody known here" in finding.said
    assert "?sslrootcert=/path/of/ca.pem" in finding.said
    with pytest.raises(OSError):
        await open_database(url, connections_max=1)


async def test_nobody_is_believed_who_shows_the_certificate_of_another_host(
    database_url: str, authority: trustme.CA, known: Path
) -> None:
    port: Any = urlsplit(database_url).port
    with tls_in_front_of(port, server_context(authority, "postgres.example")) as proxy:
        options = f"sslrootcert={known}&sslmode="
        finding = await said(by(proxy, database_url, options + "verify-full"))
        assert finding.verdict is Verdict.BAD
        assert "its certificate is for another host" in finding.said
        # verify-ca asks for the authority alone: libpq's meaning of it, and the driver's.
        assert (await said(by(proxy, database_url, options + "verify-ca"))).verdict is Verdict.GOOD


async def test_a_server_without_tls_is_not_spoken_to_in_the_clear(database_url: str) -> None:
    finding = await said(urlsplit(database_url)._replace(query="sslmode=require").geturl())
    assert finding.verdict is Verdict.BAD
    assert "SSL" in finding.said
