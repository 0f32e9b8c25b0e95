"""The room when there is nothing in it, no way in or no signal; see `tests.browser.walk`."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.nights import Night
from tests.browser.pages import moods
from tests.browser.site import Site
from tests.browser.walk import Record, Scene, walk


@pytest.fixture(scope="module")
def rooms(site: Site) -> moods.Moods:
    artist = site.artist("moods@example.com")
    empty = artist.live_show(title="The first night of all")
    full = artist.live_show(title="Barton Hall")
    artist.fill_setlist(full["id"], [("set1", "Bertha"), ("set1", "Loser")])
    artist.open_round(full["id"], "Encore?", "Ripple", "U.S. Blues")
    return moods.Moods(Night(artist, empty), Night(artist, full))


@pytest.mark.parametrize("scene", moods.SCENES, ids=lambda scene: scene.name)
def test_the_room_in_its_moods(
    rooms: moods.Moods, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    walk(open_page, scene, rooms, record_property)
