"""One's account, in every size and both themes; see `tests.browser.walk`."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.pages import account
from tests.browser.site import Site
from tests.browser.walk import Record, Scene, walk


@pytest.fixture(scope="module")
def world(site: Site) -> account.World:
    artist = site.artist("account@example.com")
    show = artist.live_show(title="Barton Hall")
    site.sign_in(artist.email)
    return {"show": f"/shows/{show['slug']}", "email": artist.email}


@pytest.mark.parametrize("scene", account.SCENES, ids=lambda scene: scene.name)
def test_the_account(
    world: account.World, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    walk(open_page, scene, world, record_property)
