"""One Chromium for the session, one node per module, fresh browser contexts per test."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from storage.embedded import StoreUrls
from tests.browser.site import Site, running_site

ARTEFACTS = Path(__file__).parents[2] / "artefacts"
PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EXPECT_MS = 30_000
"""A loaded machine is slow; what does not come in this time does not come."""

LAUNCH_MS = 150_000
"""Every browser test of a worker fails when the browser does not come up."""

_numbers = itertools.count(1)

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser(embedded_stores: StoreUrls) -> Iterator[Browser]:
    """Chromium from the system: nothing is downloaded.

    For this package only: Playwright's synchronous half keeps a loop running in this thread,
    which asynchronous tests cannot share. Hence also the stores, which are started before.
    """
    binary = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if binary is None:
        pytest.skip("needs Chromium: install it, or name it in CHROMIUM")
    expect.set_options(timeout=EXPECT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS, timeout=LAUNCH_MS)
        yield browser
        browser.close()


@contextmanager
def fresh_database(stores: StoreUrls, template: str) -> Iterator[str]:
    name = f"browser_{next(_numbers)}"
    _administer(stores, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield urlsplit(stores.database_url)._replace(path=f"/{name}").geturl()
    finally:
        _administer(stores, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(stores: StoreUrls, statement: str) -> None:
    """Runs a statement in another thread: this one may have Playwright's loop in it."""

    async def execute() -> None:
        url = urlsplit(stores.database_url)._replace(path="/postgres").geturl()
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, execute()).result()


@pytest.fixture(scope="module")
def site(browser: Browser, embedded_stores: StoreUrls, migrated_template: str) -> Iterator[Site]:
    """A node on a database of its own."""
    with (
        fresh_database(embedded_stores, migrated_template) as database_url,
        running_site(database_url, embedded_stores.redis_url) as site,
    ):
        yield site


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[OpenPage]:
    """Opens a page of the site in a browser context of its own: another person's phone.

    A script error or a message of the content security policy fails the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_it(path: str, **options: Any) -> Page:
        settings = {"viewport": PHONE, "locale": "en-GB", "reduced_motion": "reduce"} | options
        context = browser.new_context(base_url=site.url, **settings)
        context.set_default_timeout(EXPECT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert faults == []
