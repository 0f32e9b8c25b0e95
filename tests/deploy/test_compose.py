"""The deployment: valid by Compose's own schema, and with settings that the product accepts."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.settings import read_settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "compose.yaml"
GIVEN = {"POSTGRES_PASSWORD": "p" * 48, "SETROOM_SECRET_KEY": "s" * 64}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def interpolated(given: dict[str, str]) -> dict[str, Any]:
    """The file with its variables filled in, as Compose does it."""

    def fill(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if given.get(name):
            return given[name]
        assert kind != "?", f"{name}: {rest}"
        return rest or ""

    loaded: dict[str, Any] = yaml.safe_load(VARIABLE.sub(fill, FILE.read_text()))
    return loaded


def test_it_is_valid_by_the_compose_specification() -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", FILE),
        ],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("missing", GIVEN)
def test_it_does_not_start_without_its_secrets(missing: str) -> None:
    with pytest.raises(AssertionError, match=missing):
        interpolated({name: value for name, value in GIVEN.items() if name != missing})


@pytest.mark.parametrize("service", ["web1", "web2", "worker", "migrate"])
def test_the_product_accepts_its_settings(service: str) -> None:
    settings = read_settings(interpolated(GIVEN)["services"][service]["environment"])

    assert not settings.is_embedded
    assert settings.trusted_proxies


def test_no_store_is_reachable_from_outside() -> None:
    services = interpolated(GIVEN)["services"]

    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_the_proxy_knows_every_web_node_and_no_other() -> None:
    services = interpolated(GIVEN)["services"]
    proxied = set(re.findall(r"server (\w+):8000", (FILE.parent / "nginx.conf").read_text()))

    nodes = {
        name
        for name, service in services.items()
        if service["image"] == "setroom" and "command" not in service
    }
    assert proxied == nodes == {"web1", "web2"}


def test_stores_are_new_enough() -> None:
    services = interpolated(GIVEN)["services"]

    assert services["postgres"]["image"] == "postgres:18"
    assert services["valkey"]["image"] == "valkey/valkey:9"
