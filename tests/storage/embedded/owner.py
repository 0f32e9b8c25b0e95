"""A process that runs embedded stores until it is told to stop: what the tests kill.

Usage: ``python owner.py DATA_DIR``. Prints one JSON line with the addresses and process ids,
then stops the stores in order when its standard input ends.
"""

import asyncio
import json
import sys
from pathlib import Path

from storage.embedded import EmbeddedStores


async def main() -> None:
    stores = EmbeddedStores(Path(sys.argv[1]))
    urls = await stores.start()
    said = {
        "database_url": urls.database_url,
        "redis_url": urls.redis_url,
        "pids": [stores.postgres.pid, stores.valkey.pid],
    }
    print(json.dumps(said), flush=True)
    sys.stdin.read()
    await stores.stop()


if __name__ == "__main__":
    asyncio.run(main())
