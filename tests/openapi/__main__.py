"""The long form: ``python -m tests.openapi --examples 150 --seed 1``.

Starts stores and a node of its own; prints what was called and what was found.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import shutil
import sys
import tempfile
import time
from pathlib import Path

from storage.embedded import EmbeddedStores
from storage.migrate import migrate
from tests.browser.site import running_site
from tests.openapi.fuzz import Report, fuzz
from tests.openapi.stage import set_stage


def main() -> int:
    """Fuzzes; the number of findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.openapi", description=__doc__)
    parser.add_argument("--examples", type=int, default=150, help="cases of each operation")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="setroom-test-"))
    folder.chmod(0o711)
    stores = EmbeddedStores(folder, durable=False)
    began = time.monotonic()
    try:
        urls = asyncio.run(stores.start())
        done = migrate(urls.database_url)
        if inspect.isawaitable(done):
            asyncio.run(_wait(done))
        with running_site(urls.database_url, urls.redis_url) as site:
            document = site.client.get("/schema/openapi.json").json()
            report: Report = fuzz(
                document,
                site.url,
                lambda: set_stage(site),
                seed_number=arguments.seed,
                examples=arguments.examples,
            )
    finally:
        asyncio.run(stores.stop())
        shutil.rmtree(folder, ignore_errors=True)
    print(*report.lines(), sep="\n")
    print(f"seed {arguments.seed}, {time.monotonic() - began:.0f} s")
    return min(len(report.findings), 100)


async def _wait(done: object) -> None:
    assert inspect.isawaitable(done)
    await done


if __name__ == "__main__":
    sys.exit(main())
