"""A port that nobody else is given before its server binds it."""

import socket
from pathlib import Path

import pytest

from storage.embedded import ports
from storage.embedded.ports import free_port


def _says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    file = tmp_path / "range"
    file.write_text(said)
    monkeypatch.setattr(ports, "EPHEMERAL_RANGE", file)


def test_it_is_none_that_outgoing_connections_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _says(tmp_path, monkeypatch, "20000\t60999\n")
    chosen = {free_port() for _ in range(200)}
    assert len(chosen) > 100, "not the same one for everybody"
    assert all(10240 <= port < 20000 or 61000 <= port <= 65535 for port in chosen)


def test_it_is_none_that_somebody_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "_candidates", lambda: [port])
        assert free_port() != port


@pytest.mark.parametrize("said", ["1024 65535", "", "nothing to say"])
def test_where_there_is_none_of_its_own_the_kernel_chooses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    _says(tmp_path, monkeypatch, said)
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
