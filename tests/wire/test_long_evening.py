"""What was edited without a network comes in parts over HTTP, and is there once."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wire.client import Caller, new_id, ok

CLIENTS = Path(__file__).parents[2] / "clients"
SCRIPT = Path(__file__).with_name("long_evening.mjs")


def test_an_evenings_edits_arrive_once_and_nothing_of_them_is_put_right(
    artist: Caller, fan: Caller
) -> None:
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules/rolldown").is_dir():
        pytest.skip("needs Node and the packages of clients/: npm ci there")
    done = subprocess.run(
        [node, "--input-type=module", "-"],
        input=SCRIPT.read_text(),
        cwd=CLIENTS,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    evening = json.loads(done.stdout)
    assert evening["bytes"] > 130 * 1024 and len(evening["parts"]) > 2
    show_id = artist.live_show()["id"]
    path = f"/api/shows/{show_id}/setlist/updates"
    for part in evening["parts"]:
        body = {"command_id": new_id(), "update": part}
        first = ok(fan.post(path, body))
        assert first["refused"] == []
        assert ok(fan.post(path, body)) == first, "said twice, done once"
    entries = ok(artist.get(f"/api/shows/{show_id}/setlist"))["entries"]
    assert {one["id"]: one["title"] for one in entries} == evening["titles"]
