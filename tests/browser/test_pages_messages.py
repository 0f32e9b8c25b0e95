"""Every page and state of messages, reports and operations, in every size and both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from storage.embedded import StoreUrls
from tests.browser.conftest import OpenPage
from tests.browser.pages import messages
from tests.browser.pages.messages import Post
from tests.browser.site import Site
from tests.browser.test_pages_panel import as_, scenes
from tests.browser.texting import texting_site
from tests.browser.walk import Record, Scene, walk


@pytest.fixture(scope="module")
def site(browser: Browser, embedded_stores: StoreUrls, migrated_template: str) -> Iterator[Site]:
    """A node with a worker, where a sandbox takes texts and mails."""
    del browser  # started before any process that must not share its loop
    with texting_site(embedded_stores, migrated_template) as site:
        yield site


@pytest.fixture(scope="module")
def post(site: Site) -> Post:
    return messages.post(site)


@scenes(*messages.ARTIST, *messages.SPANISH)
def test_for_artists(
    post: Post, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    walk(as_(post.artist, open_page), scene, post, record_property)


@scenes(*messages.BRAND)
def test_for_brands(post: Post, open_page: OpenPage, record_property: Record, scene: Scene) -> None:
    walk(as_(post.brand, open_page), scene, post, record_property)


@scenes(*messages.ADMINS)
def test_for_admins(post: Post, open_page: OpenPage, record_property: Record, scene: Scene) -> None:
    walk(as_(post.admin, open_page), scene, post, record_property)
