"""The server's pages, in every size and both themes; see `tests.browser.walk`."""

from __future__ import annotations

import pytest

from tests.browser.bands import Addresses, found_band, past_nights
from tests.browser.conftest import OpenPage
from tests.browser.pages import found
from tests.browser.site import Site
from tests.browser.walk import Record, Scene, walk


@pytest.fixture(scope="module")
def addresses(site: Site) -> Addresses:
    artist = site.artist("finder@example.com")
    addresses = found_band(site, artist) | past_nights(site)
    hidden = artist.live_show(title="Rehearsal behind closed doors", access="private")
    return addresses | {"private": f"/shows/{hidden['slug']}"}


@pytest.mark.parametrize("scene", found.SCENES, ids=lambda scene: scene.name)
def test_the_pages(
    addresses: Addresses, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    walk(open_page, scene, addresses, record_property)
