"""An unmodified y-websocket provider works: PROTOCOL "Socket"."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wire.client import Caller, ok

CLIENTS = Path(__file__).parents[2] / "clients"
SCRIPT = Path(__file__).with_name("stock_provider.mjs")


def test_two_stock_providers_edit_at_once_and_end_equal_to_the_export(
    artist: Caller, guest: Caller, fan: Caller
) -> None:
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules/y-websocket").is_dir():
        pytest.skip("needs Node and the packages of clients/: npm ci there")
    show_id = artist.live_show()["id"]
    urls = [caller.ticket(show_id)["url"] for caller in (guest, fan)]
    done = subprocess.run(
        [node, "--input-type=module", "-", *urls],
        input=SCRIPT.read_text(),
        cwd=CLIENTS,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert first == second
    exported = ok(artist.get(f"/api/shows/{show_id}/setlist"))["entries"]
    assert first == sorted([one["id"], one["title"], one["position"]] for one in exported)
    assert [one[1] for one in first] == [
        "Fire on the Mountain",
        "Morning Dew",
        "Scarlet Begonias",
    ]
