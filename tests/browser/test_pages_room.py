"""Every state of the room, in every size and both themes; see `tests.browser.walk`."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.nights import Night, busy_night
from tests.browser.pages import room
from tests.browser.site import Site
from tests.browser.walk import Record, Scene, walk


@pytest.fixture(scope="module")
def night(site: Site) -> Night:
    return busy_night(site)


@pytest.mark.parametrize("scene", room.SCENES, ids=lambda scene: scene.name)
def test_the_room(night: Night, open_page: OpenPage, record_property: Record, scene: Scene) -> None:
    walk(open_page, scene, night, record_property)
