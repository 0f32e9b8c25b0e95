"""Every state of rounds, wishes and the past, in every size and both themes."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.nights import counted_nights
from tests.browser.pages import rounds
from tests.browser.site import Site
from tests.browser.walk import Record, Scene, walk


@pytest.fixture(scope="module")
def nights(site: Site) -> rounds.Nights:
    return rounds.Nights(*counted_nights(site))


@pytest.mark.parametrize("scene", rounds.SCENES, ids=lambda scene: scene.name)
def test_rounds_and_the_past(
    nights: rounds.Nights, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    walk(open_page, scene, nights, record_property)
