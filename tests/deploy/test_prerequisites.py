"""What is missing on a machine is said in one clear line each, before anything is built."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "prerequisites.sh"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs: the whole PATH of a machine that has all that is needed."""
    for name in ("sh", "cut", "env"):
        found = next(path for path in map(Path, ("/bin", "/usr/bin")) if (path / name).exists())
        (tmp_path / name).symlink_to(found / name)
    program(tmp_path, "python3", "exit 0")
    program(tmp_path, "node", "[ $1 = --version ] && echo v18.0.0; exit 0")
    program(tmp_path, "npm", "exit 0")
    program(tmp_path, "git", "exit 0")
    return tmp_path


def program(folder: Path, name: str, body: str) -> None:
    """Put a small script into the machine's PATH."""
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def missing_on(machine: Path) -> list[str]:
    """What the check says."""
    done = subprocess.run(
        ["/bin/sh", SCRIPT], env={"PATH": str(machine)}, capture_output=True, text=True
    )
    lines = done.stderr.splitlines()
    assert done.returncode == (1 if lines else 0)
    return lines


def test_a_machine_that_has_everything_is_told_nothing(machine: Path) -> None:
    assert missing_on(machine) == []


def test_everything_that_is_missing_is_said_at_once(machine: Path) -> None:
    for name in ("python3", "node", "npm", "git"):
        (machine / name).unlink()

    lines = missing_on(machine)

    assert len(lines) == 4
    for name, line in zip(("Python 3.11", "Node.js 20", "npm", "git"), lines, strict=True):
        assert line.startswith(f"setroom: {name}")


def test_an_old_python_is_named_with_its_version(machine: Path) -> None:
    program(machine, "python3", "[ $1 = -V ] && echo Python 3.9.2; exit 1")

    assert missing_on(machine) == [
        "setroom: Python 3.11 or later is needed; 'python3' is 3.9.2 "
        "(choose another: make PYTHON=...)"
    ]


def test_a_python_without_venv_is_told_what_to_install(machine: Path) -> None:
    program(machine, "python3", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')

    assert "python3-venv" in missing_on(machine)[0]


def test_an_old_node_is_named_with_its_version(machine: Path) -> None:
    program(machine, "node", "[ $1 = --version ] && echo v18.0.0 && exit 0; exit 1")

    assert missing_on(machine) == ["setroom: Node.js 20.19 or later is needed; this is v18.0.0"]


def test_this_machine_has_what_it_needs() -> None:
    assert subprocess.run(["/bin/sh", SCRIPT]).returncode == 0


def test_make_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text()
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True).stdout

    targets = {line.split()[1] for line in text.splitlines() if line.startswith(".PHONY:")}
    assert {"run", "test", "check", "bench", "help", "clean"} <= targets
    assert {line.split()[0] for line in shown.splitlines()} == targets
