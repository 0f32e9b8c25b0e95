"""The manifest, the service worker and the shell: what makes the app one that is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.pages.assets import ClientBuild, default_build
from server.pages.installed import ICONS, SCREENSHOTS, WORKER, WORKER_POLICY, manifest_of
from tests.server.http import Person

ROOT = Path(__file__).parents[3]


@pytest.fixture
def build(tmp_path: Path) -> ClientBuild:
    """A client with icons and one screenshot."""
    (tmp_path / "manifest.json").write_text(json.dumps({"src/main.ts": {"file": "main.js"}}))
    for name, _, _ in ICONS:
        (tmp_path / name).write_bytes(b"png")
    (tmp_path / SCREENSHOTS[0][0]).write_bytes(b"png")
    return ClientBuild(tmp_path)


def test_a_manifest_names_what_an_installed_app_needs(build: ClientBuild) -> None:
    manifest = manifest_of(build, "en")
    assert manifest["id"] == manifest["start_url"] == manifest["scope"] == "/"
    assert manifest["display"] == "standalone"
    purposes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= purposes
    # Its address is new whenever the picture is.
    assert all("?v=" in icon["src"] for icon in manifest["icons"])


def test_a_manifest_speaks_the_readers_language(build: ClientBuild) -> None:
    english, spanish = manifest_of(build, "en"), manifest_of(build, "es")
    assert (english["lang"], spanish["lang"]) == ("en", "es")
    assert english["description"] != spanish["description"]
    assert english["id"] == spanish["id"]
    for one, other in zip(english["shortcuts"], spanish["shortcuts"], strict=True):
        assert one["url"] == other["url"]
        assert one["name"] != other["name"]


def test_a_manifest_promises_no_picture_that_is_not_there(build: ClientBuild) -> None:
    shots = manifest_of(build, "en")["screenshots"]
    assert [shot["form_factor"] for shot in shots] == ["narrow"]


def test_the_icons_are_in_the_clients_folder() -> None:
    public = ROOT / "clients/fan/public"
    assert all((public / name).is_file() for name, _, _ in ICONS)


async def test_the_manifest_is_served_as_one(nobody: Person) -> None:
    answer = await nobody.client.get("/manifest.webmanifest", headers={"accept-language": "es"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/manifest+json")
    assert "Accept-Language" in answer.headers["vary"]
    assert answer.json()["lang"] == "es"


async def test_the_service_worker_is_asked_for_anew_and_bound_to_this_host(nobody: Person) -> None:
    answer = await nobody.client.get("/sw.js")
    if default_build().files.get(WORKER) is None:
        assert answer.status_code == 404  # a checkout without a build
        return
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == WORKER_POLICY
    again = await nobody.client.get("/sw.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["cache-control"] == "no-cache"


async def test_the_shell_knows_nobody_and_no_show(nobody: Person) -> None:
    answer = await nobody.client.get("/offline", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert 'data-app="offline"' in answer.text
    assert 'name="robots" content="noindex"' in answer.text
    assert "bootstrap" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "worker-src 'self'" in policy
    assert "manifest-src 'self'" in policy


async def test_every_page_names_the_manifest(nobody: Person) -> None:
    answer = await nobody.client.get("/", headers={"accept": "text/html"})
    assert '<link rel="manifest" href="/manifest.webmanifest">' in answer.text
