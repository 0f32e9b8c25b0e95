"""The live cockpit of the panel, as tests reach it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.site import Caller

DESKTOP = {"width": 1440, "height": 900}


def signed_in(caller: Caller) -> str:
    """A script that signs somebody in on a page before it is loaded."""
    body = caller.body
    session = {
        "account_id": body["user"]["id"],
        "display_name": body["user"]["display_name"],
        "guest": False,
        "access_token": body["access_token"],
        "refresh_token": body["refresh_token"],
        "expires_at_ms": 4_000_000_000_000,
    }
    stored = json.dumps(json.dumps(session))
    return f"localStorage['setroom:session'] ??= {stored}"


def open_cockpit(
    open_page: OpenPage,
    caller: Caller,
    show_id: str,
    before: Callable[[Page], object] | None = None,
    **options: Any,
) -> Page:
    """The show's cockpit in a browser of this person's, live.

    Args:
        before: called with the page before the panel is loaded.
    """
    page = open_page("/health/live", **({"viewport": DESKTOP} | options))
    page.add_init_script(signed_in(caller))
    if before is not None:
        before(page)
    page.goto(f"/panel/shows/{show_id}/live")
    expect(page.locator(".cockpit")).to_be_visible()
    expect(page.locator(".cockpit .health .good")).to_be_visible()
    return page


def crew_member(owner: Caller, show_id: str, other: Caller, role: str = "moderator") -> None:
    """Names somebody the show's crew, beside its owner."""
    answer = owner.client.put(
        f"/api/shows/{show_id}/crew",
        json={"members": [{"role": role, "email": other.email}]},
        headers={"authorization": f"Bearer {owner.body['access_token']}"},
    )
    assert answer.is_success, answer.text
