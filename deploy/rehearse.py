"""Runs the Dockerfile's steps by hand, where there is no container engine.

Usage: ``python deploy/rehearse.py [--keep]``

Every stage becomes a folder; COPY copies into it, RUN runs in it with the image's absolute paths
(/app, /build, /data) moved below it, ENV is set for what follows. Everything runs as an ordinary
user (as ``nobody`` when started by root). What only a container's root can do (making its user)
is named and left out. At the end the image's own command is started on embedded stores and its
health check has to say yes.
"""

import json
import os
import pwd
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOVED = re.compile(r"(?<![\w./-])/(app|build|data)\b")
LEFT_OUT = ("__pycache__", "node_modules", "dist", "*.egg-info")
"""What .dockerignore keeps out of copied folders."""

ONLY_ROOT = ("groupadd", "useradd", "install --directory --owner")
READY_S = 60.0


class Rehearsal:
    """One walk through the Dockerfile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.stage = folder
        self.workdir = "/"
        self.variables: dict[str, str] = {}
        self.healthcheck: list[str] = []
        self.entrypoint: list[str] = []
        self.command: list[str] = []
        self.user: str | int | None = "nobody" if os.geteuid() == 0 else None
        self._give(folder, self.home)

    def walk(self, dockerfile: str) -> None:
        """Carry out every instruction."""
        text = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", dockerfile, flags=re.M))
        for line in filter(None, map(str.strip, text.splitlines())):
            name, _, rest = line.partition(" ")
            getattr(self, f"do_{name.lower()}", self.skip)(rest.strip())

    def skip(self, rest: str) -> None:
        """EXPOSE, VOLUME, STOPSIGNAL, USER: nothing to do by hand."""

    def do_from(self, rest: str) -> None:
        """A new stage in a new folder."""
        self.stage = self.folder / rest.rpartition(" ")[2]
        self.variables = {}
        for part in ("app", "build", "data"):
            (self.stage / part).mkdir(parents=True)
            self._give(self.stage, self.stage / part)
        say(f"FROM {rest}")

    def do_workdir(self, rest: str) -> None:
        self.workdir = rest
        self._at(rest).mkdir(parents=True, exist_ok=True)
        self._give(self._at(rest))

    def do_copy(self, rest: str) -> None:
        parts = rest.split()
        source_root = ROOT
        if parts[0].startswith("--from="):
            source_root = self.folder / parts.pop(0).removeprefix("--from=")
        *sources, target = parts
        for source in sources:
            origin = source_root / source.lstrip("/")
            goal = self._at(target)
            if target.endswith("/") and not origin.is_dir():
                goal /= origin.name
            goal.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                ignored = shutil.ignore_patterns(
                    "__pycache__", "node_modules", "dist", "*.egg-info"
                )
                shutil.copytree(
                    origin,
                    goal,
                    symlinks=True,
                    dirs_exist_ok=True,
                    ignore=ignored if source_root == ROOT else None,
                )
            else:
                shutil.copy2(origin, goal)
        subprocess.run(["chown", "-R", f"{self._uid()}", str(self.stage)], check=True)
        # An environment knows its own path: it moves like everything else.
        if source_root != ROOT:
            self._repoint(source_root)

    def do_env(self, rest: str) -> None:
        for assignment in shlex.split(rest.replace("$PATH", os.environ["PATH"])):
            name, _, value = assignment.partition("=")
            self.variables[name] = self._moved(value)

    def do_run(self, rest: str) -> None:
        if rest.startswith(ONLY_ROOT):
            say(f"RUN {rest[:70]}…  (only a container's root can: left out)")
            return
        say(f"RUN {rest[:110]}")
        begun = time.monotonic()
        self._run(["sh", "-ec", self._moved(rest)])
        say(f"    {time.monotonic() - begun:.1f} s")

    def do_healthcheck(self, rest: str) -> None:
        self.healthcheck = json.loads(rest[rest.index("[") :])

    def do_entrypoint(self, rest: str) -> None:
        self.entrypoint = json.loads(rest)

    def do_cmd(self, rest: str) -> None:
        self.command = json.loads(rest)

    def start(self) -> None:
        """Start what the image starts; its health check must say yes; SIGTERM must end it."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.variables |= {"SETROOM_PORT": str(port), "SETROOM_HOST": "127.0.0.1"}
        self._run([*self.entrypoint, "migrate"])
        node = subprocess.Popen(
            [*self.entrypoint, *self.command],
            cwd=self._at(self.workdir),
            env=self._environment(),
            user=self.user,
        )
        begun = time.monotonic()
        try:
            while subprocess.run(
                self.healthcheck,
                env=self._environment(),
                cwd=self._at(self.workdir),
                user=self.user,
            ).returncode:
                if node.poll() is not None or time.monotonic() - begun > READY_S:
                    sys.exit("rehearse: the node did not become healthy")
                time.sleep(0.2)
            say(f"healthy after {time.monotonic() - begun:.1f} s")
        finally:
            node.send_signal(signal.SIGTERM)
            say(f"stopped with exit code {node.wait(30)}")
        if node.returncode != 0:
            sys.exit("rehearse: the node did not stop in order")

    def _is_healthy(self) -> bool:
        check = subprocess.run(
            self.healthcheck,
            env=self._environment(),
            cwd=self._at(self.workdir),
            user=self.user,
        )
        return check.returncode == 0

    def _run(self, command: list[str]) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=self._at(self.workdir),
            env=self._environment(),
            user=self.user,
        )

    def _environment(self) -> dict[str, str]:
        kept = ("PATH", "LANG", "NODE_EXTRA_CA_CERTS")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name in kept or name.startswith(("PIP_", "npm_config_", "SSL_"))
        }
        if self.user is not None:
            # Root's own tools lie in a home that is closed to others.
            inherited["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        mine = dict(self.variables)
        if "PATH" in mine and self.user is not None:
            mine["PATH"] = f"{mine['PATH'].split(':')[0]}:{inherited['PATH']}"
        return inherited | mine | {"HOME": str(self.home)}

    def _at(self, path: str) -> Path:
        return self.stage / (Path(self.workdir) / path).as_posix().lstrip("/")

    def _moved(self, text: str) -> str:
        return MOVED.sub(lambda match: f"{self.stage}/{match[1]}", text)

    def _repoint(self, before: Path) -> None:
        scripts = self.stage / "app" / ".venv"
        for path in [
            *scripts.glob("bin/*"),
            *scripts.glob("lib/*/site-packages/__editable__*"),
            *scripts.glob("lib/*/site-packages/*.pth"),
        ]:
            if path.is_file() and not path.is_symlink():
                content = path.read_bytes()
                if str(before).encode() in content:
                    path.write_bytes(
                        content.replace(str(before).encode(), str(self.stage).encode())
                    )

    def _uid(self) -> int:
        return os.geteuid() if self.user is None else pwd.getpwnam(str(self.user)).pw_uid

    def _give(self, *paths: Path) -> None:
        for path in paths:
            os.chown(path, self._uid(), -1)


def say(line: str) -> None:
    """One line of progress."""
    print(f"rehearse: {line}", flush=True)


def main() -> None:
    """Walk through the Dockerfile in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="setroom-rehearsal-"))
    folder.chmod(0o755)
    try:
        rehearsal = Rehearsal(folder)
        rehearsal.walk((ROOT / "Dockerfile").read_text())
        rehearsal.start()
    finally:
        if "--keep" not in sys.argv:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
