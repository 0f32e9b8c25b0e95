"""One node for the folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.embedded import StoreUrls
from tests.browser.site import Site, running_site
from tests.wire.client import Json
from tests.wire.conftest import new_database


@pytest.fixture(scope="package")
def site(embedded_stores: StoreUrls, migrated_template: str) -> Iterator[Site]:
    """A running web node on real stores."""
    with (
        new_database(embedded_stores, migrated_template) as database_url,
        running_site(database_url, embedded_stores.redis_url) as running,
    ):
        yield running


@pytest.fixture(scope="package")
def document(site: Site) -> Json:
    """What the node says of itself."""
    parsed: Json = site.client.get("/schema/openapi.json").json()
    return parsed
