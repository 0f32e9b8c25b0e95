"""Each of two nodes behind the deployment's nginx is restarted in turn while people vote, chat and
edit, on sockets, event streams and polls: nothing acknowledged is lost or doubled, and everybody
ends with the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.faults.balanced import balanced, nginx_program
from loadtests.faults.rolling import play, report

CLIENTS = 10
LISTENERS = 2


@pytest.mark.skipif(nginx_program() is None, reason="nginx is not installed")
async def test_a_rolling_restart_loses_and_doubles_nothing(
    data_dir: Path, database_url: str, redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pause = {"SETROOM_DRAIN_PAUSE_S": "0.2"}
    async with balanced(data_dir, 2, database_url, redis_url, pause) as deployment:
        findings = await play(deployment, CLIENTS, 2.0, 7, lambda line: None, LISTENERS)
        errors = (data_dir / "error.log").read_text()
    with capsys.disabled():
        print("\n  " + "\n  ".join(report(findings)))
    assert findings.problems == []
    assert [restart.exit_code for restart in findings.restarts] == [0, 0]
    # The second restart sends everybody away: by then they are all on that node.
    assert len(findings.absences_s["socket"]) >= CLIENTS
    assert len(findings.absences_s["stream"]) >= LISTENERS
    assert findings.acknowledged["socket"]["votes"] and findings.acknowledged["socket"]["edits"]
    assert all(findings.acknowledged[door].total() for door in ("stream", "poll"))
    assert "ticket=" not in errors, "the proxy's log holds no tickets"
