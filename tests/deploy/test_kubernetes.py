"""The Kubernetes manifests: valid by the schemas, and in step with the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import msgspec
import pytest
import yaml

from jobs.queue.receiving import FINISH_S
from rooms import limits
from server.app import HANDLERS
from server.health import HealthController
from server.settings import Settings
from server.settings_checks import FILE_SUFFIX, variable

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
VERSIONS = ("1.31", "1.37")
"""The oldest that clouds still run, and the newest that the schemas know."""

OTHERS = {"Kustomization", "BackendConfig"}
"""Kinds that are no part of Kubernetes' own schemas."""

Document = dict[str, Any]


def documents(folder: str) -> list[Document]:
    """All of a folder's, those of kustomize left out."""
    found = []
    for file in sorted((FOLDER / folder).glob("*.yaml")):
        found += [one for one in yaml.safe_load_all(file.read_text()) if one is not None]
    return [one for one in found if one["kind"] != "Kustomization"]


BASE = documents("base")
OVERLAYS = sorted(path.name for path in (FOLDER / "overlays").iterdir())


def named(kind: str, name: str) -> Document:
    (found,) = [one for one in BASE if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def pod_of(document: Document) -> Document:
    pod: Document = document["spec"]["template"]["spec"]
    return pod


WEB, WORKER = named("Deployment", "setroom-web"), named("Deployment", "setroom-worker")
MIGRATE = named("Job", "setroom-migrate")
RUNNING = {"serve": WEB, "worker": WORKER, "migrate": MIGRATE}
SETTINGS: dict[str, str] = named("ConfigMap", "setroom-settings")["data"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid(version: str) -> None:
    everything = BASE + [one for name in OVERLAYS for one in documents(f"overlays/{name}")]
    checked = [one for one in everything if one["kind"] not in OTHERS and _is_whole(one)]
    assert len(checked) > len(BASE)
    for one in checked:
        kubernetes_validate.validate(one, version, strict=True)


def _is_whole(document: Document) -> bool:
    """A patch of an Ingress or Service leaves out what the base has."""
    patches = document["kind"] in ("Ingress", "Service") and "annotations" in document["metadata"]
    return not (patches and document not in BASE)


def test_kustomize_is_given_every_file_and_no_other() -> None:
    for folder in ("base", *(f"overlays/{name}" for name in OVERLAYS)):
        kustomization = yaml.safe_load((FOLDER / folder / "kustomization.yaml").read_text())
        used = [*kustomization.get("resources", ())]
        used += [patch["path"] for patch in kustomization.get("patches", ()) if "path" in patch]
        here = {path.name for path in (FOLDER / folder).glob("*.yaml")} - {"kustomization.yaml"}
        assert {one for one in used if "/" not in one} == here
        for other in (one for one in used if "/" in one):
            assert (FOLDER / folder / other / "kustomization.yaml").exists()


def test_what_overlays_patch_is_there() -> None:
    known = {(one["kind"], one["metadata"]["name"]) for one in BASE}
    for name in OVERLAYS:
        folder = FOLDER / "overlays" / name
        kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
        for patch in kustomization.get("patches", ()):
            if "path" in patch:
                one = yaml.safe_load((folder / patch["path"]).read_text())
                assert (one["kind"], one["metadata"]["name"]) in known
                continue
            target = patch["target"]
            assert (target["kind"], target["name"]) in known
            for step in yaml.safe_load(patch["patch"]):
                if step["op"] == "replace":
                    _follow(named(target["kind"], target["name"]), step["path"])


def _follow(document: Any, path: str) -> None:
    for part in path.strip("/").split("/"):
        document = document[int(part) if isinstance(document, list) else part]


def test_every_setting_is_one() -> None:
    fields = {variable(field.name) for field in msgspec.structs.fields(Settings)}
    given = set(SETTINGS)
    for one in RUNNING.values():
        (container,) = pod_of(one)["containers"]
        given |= {entry["name"] for entry in container.get("env", ())}
        sources = {next(iter(source)) for source in container["envFrom"]}
        assert sources == {"configMapRef", "secretRef"}
    assert {name.removesuffix(FILE_SUFFIX) for name in given} <= fields
    secrets = re.findall(r"SETROOM_\w+", (FOLDER / "base" / "settings.yaml").read_text())
    assert set(secrets) <= fields


def test_no_service_of_the_cluster_becomes_a_setting() -> None:
    # SETROOM_PORT=tcp://10.0.0.1:80 would stop every node.
    assert all(pod_of(one)["enableServiceLinks"] is False for one in RUNNING.values())


def test_commands_and_ports_are_the_image_s() -> None:
    dockerfile = (FOLDER.parents[1] / "Dockerfile").read_text()
    port = int(re.findall(r"^EXPOSE (\d+)", dockerfile, re.M)[0])
    user = int(re.findall(r"^USER (\d+)", dockerfile, re.M)[0])
    for command, one in RUNNING.items():
        pod = pod_of(one)
        (container,) = pod["containers"]
        assert container["args"] == [command]
        assert pod["securityContext"]["runAsUser"] == user
    (container,) = pod_of(WEB)["containers"]
    assert [entry["containerPort"] for entry in container["ports"]] == [port]
    assert WEB["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(port)
    rules = named("NetworkPolicy", "setroom-web")["spec"]["ingress"]
    assert [entry["port"] for rule in rules for entry in rule["ports"]] == [port]


def test_probes_ask_what_there_is() -> None:
    assert HealthController in HANDLERS
    (container,) = pod_of(WEB)["containers"]
    asked = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness")}
    assert asked == {"startup": "/health/live", "liveness": "/health/live"}
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"


def test_a_pod_has_the_time_that_a_drain_takes() -> None:
    pause, drain = (float(SETTINGS[f"SETROOM_DRAIN_{what}"]) for what in ("PAUSE_S", "S"))
    probe = pod_of(WEB)["containers"][0]["readinessProbe"]
    assert pause >= probe["periodSeconds"] * probe["failureThreshold"]
    assert pod_of(WEB)["terminationGracePeriodSeconds"] > pause + 2 * drain
    assert pod_of(WORKER)["terminationGracePeriodSeconds"] > 2 * FINISH_S


def test_nothing_runs_as_root_or_writes_where_it_should_not() -> None:
    for one in RUNNING.values():
        pod = pod_of(one)
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


def test_selectors_find_their_pods_and_nobody_else_s() -> None:
    for name, deployment in (("setroom-web", WEB), ("setroom-worker", WORKER)):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"] == labels
        budget = named("PodDisruptionBudget", name)["spec"]
        assert budget["selector"]["matchLabels"] == labels
        assert budget["maxUnavailable"] == 1
        spread = pod_of(deployment)["topologySpreadConstraints"]
        assert all(one["labelSelector"]["matchLabels"] == labels for one in spread)
    service = named("Service", "setroom-web")["spec"]
    assert service["selector"] == WEB["spec"]["template"]["metadata"]["labels"]
    assert service["sessionAffinity"] == "None"


def test_nodes_are_scaled_by_a_metric_that_they_have() -> None:
    scaler = named("HorizontalPodAutoscaler", "setroom-web")["spec"]
    assert scaler["scaleTargetRef"]["name"] == "setroom-web"
    assert "replicas" not in WEB["spec"], "applying would else undo what the autoscaler decided"
    (metric,) = [one["pods"]["metric"]["name"] for one in scaler["metrics"] if "pods" in one]
    adapter = yaml.safe_load((FOLDER / "prometheus-adapter.yaml").read_text())
    assert [rule["name"]["as"] for rule in adapter["rules"]["custom"]] == [metric]
    source = (FOLDER.parents[1] / "server" / "operations" / "room_metrics.py").read_text()
    assert f'"{metric}"' in source


def test_the_proxy_waits_longer_than_a_room_is_quiet() -> None:
    ingress = named("Ingress", "setroom")
    annotations = ingress["metadata"]["annotations"]
    quiet_s = max(limits.QUIET_ROOM_HEARTBEAT_S, limits.POLL_WAIT_S_MAX)
    for what in ("read", "send"):
        waits_s = float(annotations[f"nginx.ingress.kubernetes.io/proxy-{what}-timeout"])
        assert waits_s > quiet_s + 10
    paths = {
        path["path"]: path["backend"]["service"]["name"]
        for path in ingress["spec"]["rules"][0]["http"]["paths"]
    }
    assert paths == {"/metrics": "setroom-closed", "/": "setroom-web"}
    closed = named("Service", "setroom-closed")["spec"]["selector"]
    templates = [one["spec"]["template"]["metadata"]["labels"] for one in RUNNING.values()]
    assert not any(closed.items() <= labels.items() for labels in templates)
