"""Says in one line which column a migration adds to a table that Piccolo made.

Piccolo must know of every column of such a table (``tests/storage/test_migrate.py`` compares), and
writes eleven parameters for each; all but a few are the same everywhere.
"""

from __future__ import annotations

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.base import Column
from piccolo.columns.indexes import IndexMethod


def add_column(
    manager: MigrationManager,
    table: str,
    tablename: str,
    name: str,
    kind: type[Column],
    **params: Any,
) -> None:
    """Adds a column, by itself nullable and without a default.

    Args:
        manager: the migration.
        table: name of the class in ``storage.tables``.
        tablename: name in the database.
        name: of the column.
        kind: the column's class.
        params: what differs: ``default``, ``null``, ``secret``, ``length``, …
            A column that is not null needs a constant default, or the table is rewritten.
    """
    common: dict[str, Any] = {
        "default": None,
        "null": True,
        "primary_key": False,
        "unique": False,
        "index": False,
        "index_method": IndexMethod.btree,
        "choices": None,
        "db_column_name": None,
        "secret": False,
    }
    manager.add_column(
        table_class_name=table,
        tablename=tablename,
        column_name=name,
        db_column_name=name,
        column_class_name=kind.__name__,
        column_class=kind,
        params={**common, **params},
        schema=None,
    )
