"""docs/security.md names a test for each attack, and each is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
WITHOUT = {"SSRF"}
"""Attacks upon what does not exist: the cell says which boundary keeps it so."""


def rows() -> list[tuple[str, str]]:
    """(attack, its cell of tests) of every table of attacks."""
    found = []
    for line in PAGE.partition("## Attacks")[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and cells[0] not in ("attack", "---"):
            found.append((cells[0], cells[3]))
    return found


def test_the_page_is_read() -> None:
    assert len(rows()) > 40


@pytest.mark.parametrize(("attack", "tests"), rows())
def test_each_attack_names_tests_that_are_there(attack: str, tests: str) -> None:
    named = re.findall(r"`([a-z_]+(?:/[a-z_.]+)+)`", tests)
    assert named or attack in WITHOUT, attack
    for path in named:
        found = ROOT / "tests" / path
        assert found.is_dir() or found.name.startswith("test_"), path
        assert found.exists(), path
        if found.is_file():
            assert "def test_" in found.read_text(encoding="utf-8"), path
        else:
            assert list(found.rglob("test_*.py")), path
