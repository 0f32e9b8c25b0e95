"""Every query of dashboards, rules and alerts, asked of a real Prometheus that scrapes a node."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from websockets.asyncio.client import connect

from storage.embedded import StoreUrls
from storage.embedded.ports import free_port
from tests.patience import PATIENT_S
from tests.server.conftest import node_settings
from tests.server.http import Person, made, ok
from tests.server.serving import served_app

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus"
DASHBOARDS = sorted((DEPLOY / "grafana").glob("*.json"))
PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
needs_prometheus = pytest.mark.skipif(
    PROMETHEUS is None or PROMTOOL is None, reason="prometheus is not installed"
)
METRIC = re.compile(r"\b(?:setroom[a-z0-9_:]+|up)\b(?!\s*\()")


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in ("records.yml", "alerts.yml"):
        for group in yaml.safe_load((RULES / name).read_text())["groups"]:
            found += group["rules"]
    return found


def panels(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text())["panels"]
    return found


def queries() -> dict[str, str]:
    """By where they stand, with Grafana's variables filled in."""
    found = {
        f"{file.stem}: {panel['title']} {target['refId']}": target["expr"]
        for file in DASHBOARDS
        for panel in panels(file)
        for target in panel["targets"]
    }
    found |= {rule.get("record") or rule["alert"]: rule["expr"] for rule in rules()}
    filled = {"$__rate_interval": "20s", "$instance": ".*", "[5m]": "[20s]", "[1m]": "[20s]"}
    for old, new in filled.items():
        found = {where: expr.replace(old, new) for where, expr in found.items()}
    return found


def names_in(expr: str) -> set[str]:
    """The metrics that an expression asks for; what stands in quotes or braces is none."""
    bare = re.sub(r"\{[^}]*\}|\b(?:by|without)\s*\([^)]*\)", "", expr)
    return set(METRIC.findall(bare))


class Prometheus:
    """A server that scrapes one node every two seconds."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ask(self, expr: str) -> list[Any]:
        """Series that there are now.

        Raises:
            AssertionError: it is no query.
        """
        answer = await self._client.get("/api/v1/query", params={"query": expr})
        body = answer.json()
        assert body["status"] == "success", f"{expr}: {body}"
        found: list[Any] = body["data"]["result"]
        return found

    async def until(self, expr: str) -> None:
        """Waits until a query has an answer; on a busy machine a scrape may come too late."""
        async with asyncio.timeout(PATIENT_S):
            while True:
                try:
                    if await self.ask(expr):
                        return
                except httpx.TransportError:
                    pass  # it has not begun to listen
                await asyncio.sleep(0.1)


@asynccontextmanager
async def prometheus(folder: Path, target: str) -> AsyncIterator[Prometheus]:
    """One on the loopback, with our configuration and this node instead of ours."""
    assert PROMETHEUS is not None
    text = (RULES / "prometheus.yml").read_text()
    for old, new in (
        ("targets: [web1:8000, web2:8000]", f"targets: ['{target}']"),
        ("scrape_interval: 15s", "scrape_interval: 2s"),
        ("evaluation_interval: 15s", "evaluation_interval: 1s"),
    ):
        assert old in text
        text = text.replace(old, new)
    for rule_file in ("records.yml", "alerts.yml"):
        whole = (RULES / rule_file).read_text()
        (folder / rule_file).write_text(whole.replace("[5m]", "[20s]").replace("[1m]", "[20s]"))
    (folder / "prometheus.yml").write_text(text)
    port = free_port()
    process = subprocess.Popen(
        [
            PROMETHEUS,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ],
        cwd=folder,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield Prometheus(client)
    finally:
        process.kill()
        process.wait()


@needs_prometheus
async def test_every_query_is_understood_and_finds_what_a_show_makes(
    shared_stores: StoreUrls, tmp_path: Path, artist: Person, fan: Person, nobody: Person
) -> None:
    async with (
        served_app(node_settings(shared_stores)) as address,
        httpx.AsyncClient(base_url=f"http://{address}") as client,
        prometheus(tmp_path, address) as asked,
    ):
        there = artist.at(client)
        show = await there.live_show()
        ticket = made(await fan.at(client).post(f"/api/shows/{show['id']}/ticket"))["ticket"]
        url = f"ws://{address}/rooms/{show['id']}?ticket={ticket}"
        subprotocols: Any = ["setroom.v1"]
        async with connect(url, subprotocols=subprotocols, proxy=None):
            opened = await there.open_round(show["id"])
            await asked.until("setroom:connections:sum")
            # A rate needs two readings of what has moved in between.
            vote = {"command_id": "v1", "picks": [{"option_id": "o1"}]}
            ok(await fan.at(client).post(f"/api/rounds/{opened['id']}/vote", vote))
            await asked.until("setroom:room_turn_seconds:p99 > 0")
            await asked.until("setroom:http_errors:ratio5m >= 0")
            exposed = (await client.get("/metrics")).text
            known, sampled = _names(exposed)
            alerts = {rule["alert"] for rule in rules() if "alert" in rule}
            known |= {"up"} | {rule["record"] for rule in rules() if "record" in rule}
            for where, expr in queries().items():
                names = names_in(expr)
                assert names, f"{where} asks for nothing of ours: {expr}"
                assert names <= known, f"{where} asks for what nobody tells: {names - known}"
                if where not in alerts and names <= sampled:
                    await asked.until(expr)
                else:
                    await asked.ask(expr)
            firing = {
                one["metric"]["alertname"] for one in await asked.ask('ALERTS{alertstate="firing"}')
            }
    assert firing <= {"SetroomDeadLetters"}, "a node that does well raises no alarm"


def _names(exposed: str) -> tuple[set[str], set[str]]:
    """Metrics that a node may tell of, and those of which it tells something now."""
    known = set()
    for line in exposed.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            suffixes = ("_bucket", "_count", "_sum") if kind == "histogram" else ("",)
            known |= {name + suffix for suffix in suffixes}
    sampled = {re.split(r"[{ ]", line)[0] for line in exposed.splitlines() if line[:1] != "#"}
    return known, sampled


@needs_prometheus
def test_rules_are_well_formed_and_raise_alerts_when_they_should() -> None:
    for command in (
        ["check", "config", "prometheus.yml"],
        ["check", "rules", "records.yml", "alerts.yml"],
        ["test", "rules", "alerts_test.yml"],
    ):
        done = subprocess.run(
            [str(PROMTOOL), *command], cwd=RULES, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_and_says_what_to_do() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    tried = yaml.safe_load((RULES / "alerts_test.yml").read_text())["tests"]
    bad, quiet = ({one["alertname"]: one for one in test["alert_rule_test"]} for test in tried)
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in headings}
    for alert in alerts:
        name = alert["alert"]
        assert bad[name]["exp_alerts"], name
        assert "exp_alerts" not in quiet[name], name
        assert alert["labels"]["severity"] in ("page", "ticket")
        page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
        assert (page, anchor in anchors) == ("docs/operations.md", True), (name, anchor)
    assert len(alerts) == len({alert["alert"] for alert in alerts}) == len(bad)


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_a_dashboard_can_be_imported_anywhere(file: Path) -> None:
    board = json.loads(file.read_text())
    variables = {one["name"]: one for one in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["datasource"]["query"] == "prometheus"
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        for holder in (panel, *panel["targets"]):
            assert holder["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
        for variable in re.findall(r"\$\{?(\w+)", json.dumps(panel["targets"])):
            assert variable in variables or variable == "__rate_interval", panel["title"]


def test_dashboards_are_told_apart() -> None:
    boards = [json.loads(file.read_text()) for file in DASHBOARDS]
    assert {board["uid"] for board in boards} == {f"setroom-{file.stem}" for file in DASHBOARDS}
    assert len({board["title"] for board in boards}) == len(boards) == 3


def test_a_query_for_what_nobody_tells_is_found() -> None:
    # What the test above relies on.
    assert names_in(
        'sum by (kind) (rate(setroom_typo_total{instance=~".*"}[5m])) > setroom:a:b'
    ) == {
        "setroom_typo_total",
        "setroom:a:b",
    }
