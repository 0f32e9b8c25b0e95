"""Changes places: what lies in one schema takes the place of what lies in another, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import asyncpg
from msgspec import Struct

from storage.backup.grants import grant_again, grant_as_new, grants_in

# Of an extension: not ours.
_FOREIGN = "EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')"

# Relations with what owns their kind; a sequence or a type that belongs to a column goes with it.
_RELATIONS = f"""
SELECT CASE o.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
       quote_ident(o.relname) AS name, quote_ident(pg_get_userbyid(o.relowner)) AS owner
  FROM pg_class o
 WHERE o.relnamespace = $1::text::regnamespace AND o.relkind IN ('r', 'v', 'S') AND NOT {_FOREIGN}
   AND NOT (o.relkind = 'S' AND EXISTS (
       SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype IN ('a', 'i')))
 ORDER BY o.relkind DESC, o.relname
"""

_FUNCTIONS = f"""
SELECT 'FUNCTION' AS kind,
       quote_ident(o.proname) || '(' || pg_get_function_identity_arguments(o.oid) || ')' AS name,
       quote_ident(o.proname) AS bare, quote_ident(pg_get_userbyid(o.proowner)) AS owner
  FROM pg_proc o
 WHERE o.pronamespace = $1::text::regnamespace AND NOT {_FOREIGN}
 ORDER BY o.proname
"""

_TYPES = f"""
SELECT CASE o.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END AS kind,
       quote_ident(o.typname) AS name, quote_ident(pg_get_userbyid(o.typowner)) AS owner
  FROM pg_type o
 WHERE o.typnamespace = $1::text::regnamespace AND NOT {_FOREIGN}
   AND (o.typtype IN ('e', 'd') OR (o.typtype = 'c' AND EXISTS (
       SELECT FROM pg_class c WHERE c.oid = o.typrelid AND c.relkind = 'c')))
 ORDER BY o.typname
"""


# Sequences of columns, too.
_NAMES = """
SELECT format('%I.%I', $1::text, relname) AS name FROM pg_class
 WHERE relnamespace = $1::text::regnamespace
UNION ALL
SELECT format('%I.%I(%s)', $1::text, proname, pg_get_function_identity_arguments(oid)) FROM pg_proc
 WHERE pronamespace = $1::text::regnamespace
UNION ALL
SELECT format('%I.%I', $1::text, typname) FROM pg_type
 WHERE typnamespace = $1::text::regnamespace AND typtype IN ('e', 'd')
"""


class Thing(Struct, frozen=True):
    """Something in a schema: ``ALTER kind name``."""

    kind: str
    name: str
    bare: str
    owner: str


async def things_in(connection: asyncpg.Connection[Any], schema: str) -> Sequence[Thing]:
    """Everything of ours in a schema."""
    found = []
    for query in (_RELATIONS, _FUNCTIONS, _TYPES):
        for row in await connection.fetch(query, schema):
            bare = row["bare"] if "bare" in row.keys() else row["name"]  # noqa: SIM118
            found.append(Thing(row["kind"], row["name"], bare, row["owner"]))
    return found


async def change_places(
    connection: asyncpg.Connection[Any], coming: str, schema: str
) -> Sequence[str]:
    """Drops from ``schema`` what ``coming`` brings anew, and moves that in.

    In the caller's transaction. What is in neither list stays; what comes belongs to whom it
    belonged to, and what others might do with ours, they may do with it.

    Returns:
        What others had built upon ours in ``schema`` and is gone with it: names, and ``GRANT``s of
        what is no more.
    """
    granted = await grants_in(connection, schema)
    existed = [row["name"] for row in await connection.fetch(_NAMES, schema)]
    arriving = await things_in(connection, coming)
    brought = {(thing.kind, thing.bare) for thing in arriving}
    before = await things_in(connection, schema)
    leaving = [thing for thing in before if (thing.kind, thing.bare) in brought]
    staying = {thing.name for thing in before} - {thing.name for thing in leaving}
    for thing in leaving:
        await connection.execute(f"DROP {thing.kind} IF EXISTS {schema}.{thing.name} CASCADE")
    owners = {(thing.kind, thing.bare): thing.owner for thing in leaving}
    usual = Counter(owners.values()).most_common(1)
    left = {thing.name for thing in await things_in(connection, schema)}
    for thing in arriving:
        await connection.execute(f"ALTER {thing.kind} {coming}.{thing.name} SET SCHEMA {schema}")
        owner = owners.get((thing.kind, thing.bare)) or (usual[0][0] if usual else thing.owner)
        if owner != thing.owner:
            await connection.execute(f"ALTER {thing.kind} {schema}.{thing.name} OWNER TO {owner}")
        if (thing.kind, thing.bare) not in owners:
            new = [(thing.kind, f"{schema}.{thing.name}")]
            await grant_as_new(connection, schema, owner, new)
    missing = await grant_again(connection, schema, granted, existed)
    return sorted(staying - left) + missing
