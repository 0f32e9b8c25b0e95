"""Every page and state of the control panel, in every size and both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.cockpit import signed_in
from tests.browser.conftest import OpenPage
from tests.browser.nights import Night
from tests.browser.pages import cockpit, panel
from tests.browser.pages.panel import House
from tests.browser.site import Caller, Site
from tests.browser.walk import Record, Scene, walk


def as_(caller: Caller, open_page: OpenPage) -> Callable[..., Page]:
    """Opens pages for somebody who is signed in."""

    def open_it(path: str, **options: Any) -> Page:
        page = open_page("/health/live", **options)
        page.add_init_script(signed_in(caller))
        page.goto(path)
        return page

    return open_it


def scenes(*given: Scene) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scene", given, ids=lambda scene: scene.name)


@pytest.fixture(scope="module")
def house(site: Site) -> House:
    return panel.house(site)


@pytest.fixture(scope="module")
def night(site: Site) -> Night:
    return cockpit.desk_night(site)


@scenes(*panel.STRANGER)
def test_for_strangers(
    house: House, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    walk(open_page, scene, house, record_property)


@scenes(*panel.OWNER, *panel.SPANISH)
def test_for_artists(
    house: House, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    walk(as_(house.artist, open_page), scene, house, record_property)


@scenes(*panel.NEWCOMER)
def test_before_the_first_show(
    site: Site, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    artist = site.artist("nobody@example.com")
    walk(as_(artist, open_page), scene, None, record_property)


@scenes(*cockpit.SCENES)
def test_the_cockpit(
    night: Night, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    walk(as_(night.artist, open_page), scene, night, record_property)
