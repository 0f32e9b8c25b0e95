"""The demo show's big screen and stage: made once for a show, and kept over starts."""

from __future__ import annotations

from typing import Final

import structlog

from loadtests.demo.programme import Programme
from loadtests.wire import ApiClient, ApiProblem

logger = structlog.get_logger(__name__)

NAMES: Final = {"big_screen": "Beside the stage", "stage": "On the amp"}


async def screens_of(api: ApiClient, show_id: str, before: Programme | None) -> dict[str, str]:
    """Addresses by kind of display; those of an earlier start while they are in use.

    An address holds a token that is told once, so it can only be remembered. A server that makes
    no displays has none: the demo goes on without.
    """
    known = _known(before) if before is not None and before.show_id == show_id else {}
    try:
        page = await api.get(f"/api/shows/{show_id}/displays")
        in_use = {one["id"] for one in page["items"] if one["revoked_at"] is None}
        urls = {kind: url for kind, url in known.items() if _display_id(url) in in_use}
        for kind, name in NAMES.items():
            if kind not in urls:
                body = {"kind": kind, "name": name}
                made = await api.post(f"/api/shows/{show_id}/displays", body)
                urls[kind] = str(made["url"])
    except ApiProblem as problem:
        logger.warning("demo_without_displays", code=problem.code)
        return {}
    return urls


def _known(before: Programme) -> dict[str, str]:
    urls = {"big_screen": before.screen_url, "stage": before.stage_url}
    return {kind: url for kind, url in urls.items() if url}


def _display_id(url: str) -> str:
    return url.partition("#")[0].rpartition("/")[2]
