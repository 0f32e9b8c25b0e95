"""What pages are made of, without a node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.pages.assets import ClientBuild
from server.pages.json_in_html import json_in_html
from server.pages.texts import LANGUAGES, STATUSES, TEXTS, language_of, section_name


@pytest.fixture
def build(tmp_path: Path) -> ClientBuild:
    (tmp_path / "main-abcd1234.js").write_text("let a = 1;" * 500)
    (tmp_path / "main-abcd1234.js.br").write_bytes(b"pretend")
    (tmp_path / "icon.svg").write_text("<svg/>")
    manifest = {"src/main.ts": {"file": "main-abcd1234.js", "css": ["x.css"], "isEntry": True}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return ClientBuild(tmp_path)


def test_the_build_is_read_from_its_manifest(build: ClientBuild) -> None:
    assert build.entry is not None
    assert build.entry.file == "main-abcd1234.js"
    assert sorted(build.files) == ["icon.svg", "main-abcd1234.js"]
    script, icon = build.files["main-abcd1234.js"], build.files["icon.svg"]
    assert script.immutable
    assert not icon.immutable
    assert list(script.encodings) == ["br", "gzip"]
    assert len(script.encodings["gzip"]) < len(script.body) / 10
    assert (build.url("icon.svg") or "").startswith("/assets/icon.svg?v=")


def test_what_the_entry_imports_is_asked_for_with_it(tmp_path: Path) -> None:
    manifest = {
        "src/main.ts": {"file": "main-abcd1234.js", "imports": ["_a.js"], "css": ["main.css"]},
        "_a.js": {
            "file": "a-abcd1234.js",
            "imports": ["_b.js", "src/main.ts"],
            "css": ["a.css", "main.css"],
            "assets": ["font.woff2"],
        },
        "_b.js": {"file": "b-abcd1234.js", "imports": ["_a.js"]},
        "src/later.ts": {"file": "later-abcd1234.js", "imports": ["_a.js"]},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    entry = ClientBuild(tmp_path).entry
    assert entry is not None
    assert entry.imports == ("a-abcd1234.js", "b-abcd1234.js")
    assert entry.css == ("main.css", "a.css")
    assert entry.assets == ("font.woff2",)
    assert ClientBuild(tmp_path).entry_of("src/later.ts") is not None
    assert ClientBuild(tmp_path).entry_of("src/never.ts") is None


def test_a_missing_build_leaves_pages_that_can_be_read(tmp_path: Path) -> None:
    build = ClientBuild(tmp_path)
    assert build.entry is None
    assert build.files == {}
    assert build.url("icon.svg") is None


def test_json_inside_html_ends_nothing() -> None:
    text = json_in_html(b'{"a":"</script><!-- & \\u2028"}'.replace(b"\\u2028", "\u2028".encode()))
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == {"a": "</script><!-- & \u2028"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("de-CH, es;q=0.4, en;q=0.3", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("es;q=0", "en"),
        ("*;;;=,es;q=2,\x00", "en"),
    ],
)
def test_the_language_is_the_readers(header: str, language: str) -> None:
    assert language_of(header) == language


def test_every_language_says_everything() -> None:
    assert {frozenset(TEXTS[language]) for language in LANGUAGES} == {frozenset(TEXTS["en"])}
    assert {frozenset(STATUSES[language]) for language in LANGUAGES} == {frozenset(STATUSES["en"])}
    assert [section_name(name, "es") for name in ("soundcheck", "set2", "encore1", "encore2")] == [
        "Prueba de sonido",
        "Set 2",
        "Bis",
        "Bis 2",
    ]
