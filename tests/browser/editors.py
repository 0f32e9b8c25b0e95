"""Unmodified y-websocket providers in Node, driven line by line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.browser.site import Caller, Site

SCRIPT = Path(__file__).parent / "editor.mjs"
MODULES = Path(__file__).parents[2] / "clients/node_modules/y-websocket"


class Editor:
    """One provider with its own document, of one participant."""

    def __init__(self, site: Site, show_id: str, caller: Caller) -> None:
        node = shutil.which("node")
        if node is None or not MODULES.exists():
            pytest.skip("needs Node and `npm ci` in clients/")
        ticket = caller.post(f"/api/shows/{show_id}/ticket")["ticket"]
        address = site.url.replace("http", "ws", 1)
        self._process = subprocess.Popen(
            [node, str(SCRIPT), address, show_id, ticket],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, action: str, **args: Any) -> Any:
        """Does something in the document; what the script answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"action": action, **args}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the editor ended with {self._process.wait()}"
        return json.loads(answer)

    @property
    def titles(self) -> list[str]:
        """The setlist as this editor sees it."""
        return [title for _, title in self.do("list")]

    def __enter__(self) -> Editor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()


def until(wait: Callable[[int], None], condition: Callable[[], bool], what: str) -> None:
    """Polls a condition for ten seconds.

    Args:
        wait: pauses for milliseconds, and lets the page go on meanwhile.
    """
    for _ in range(200):
        if condition():
            return
        wait(50)
    raise AssertionError(f"never: {what}")
