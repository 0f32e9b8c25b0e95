"""Who else may read or write what: others' rights on things that a restore replaces.

A dashboard or a warehouse reads by a role of its own, to which an operator has granted it, or from
which something was taken. New tables come with neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import asyncpg
from msgspec import Struct

# Where nobody has granted anything the list is NULL and stands for what its kind has by itself:
# everybody may call a function and use a type. An owner's own rights come with the new thing.
_GRANTS = """
SELECT right_, part, kind, name, is_grantable AS with_option,
       CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee
  FROM (
    SELECT g.privilege_type AS right_, '' AS part, g.grantee, g.is_grantable, c.relowner AS owner,
           CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
           format('%I.%I', $1::text, c.relname) AS name
      FROM pg_class c CROSS JOIN aclexplode(c.relacl) g
     WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT g.privilege_type, format(' (%I)', a.attname), g.grantee, g.is_grantable, c.relowner,
           'TABLE', format('%I.%I', $1::text, c.relname)
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
     CROSS JOIN aclexplode(a.attacl) g
     WHERE c.relnamespace = $1::text::regnamespace
    UNION ALL
    SELECT g.privilege_type, '', g.grantee, g.is_grantable, p.proowner, 'FUNCTION',
           format('%I.%I(%s)', $1::text, p.proname, pg_get_function_identity_arguments(p.oid))
      FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
     WHERE p.pronamespace = $1::text::regnamespace AND p.prokind IN ('f', 'w')
    UNION ALL
    SELECT g.privilege_type, '', g.grantee, g.is_grantable, t.typowner, 'TYPE',
           format('%I.%I', $1::text, t.typname)
      FROM pg_type t CROSS JOIN aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) g
     WHERE t.typnamespace = $1::text::regnamespace AND t.typtype IN ('e', 'd')
  ) AS granted
 WHERE grantee <> owner
"""

# What ``ALTER DEFAULT PRIVILEGES … IN SCHEMA`` gives to things that are made there. Ours are made
# elsewhere and moved in.
_DEFAULTS = """
SELECT g.privilege_type AS right_, '' AS part, g.is_grantable AS with_option,
       CASE d.defaclobjtype WHEN 'r' THEN 'TABLE' WHEN 'S' THEN 'SEQUENCE'
            WHEN 'f' THEN 'FUNCTION' ELSE 'TYPE' END AS kind,
       CASE WHEN g.grantee = 0 THEN 'PUBLIC'
            ELSE quote_ident(pg_get_userbyid(g.grantee)) END AS grantee
  FROM pg_default_acl d CROSS JOIN aclexplode(d.defaclacl) g
 WHERE d.defaclnamespace = $1::text::regnamespace
   AND quote_ident(pg_get_userbyid(d.defaclrole)) = $2 AND g.grantee <> d.defaclrole
"""


class Grant(Struct, frozen=True, order=True):
    """One right of one role on one thing.

    Attributes:
        part: of a table: a column, in brackets.
        name: with its schema; a function's with its arguments.
        grantee: quoted.
    """

    right_: str
    part: str
    kind: str
    name: str
    grantee: str
    with_option: bool

    def __str__(self) -> str:
        option = " WITH GRANT OPTION" if self.with_option else ""
        return f"GRANT {self._what} TO {self.grantee}{option}"

    @property
    def taken(self) -> str:
        """The statement that takes it away."""
        return f"REVOKE {self._what} FROM {self.grantee}"

    @property
    def _what(self) -> str:
        return f"{self.right_}{self.part} ON {self.kind} {self.name}"


async def grants_in(connection: asyncpg.Connection[Any], schema: str) -> frozenset[Grant]:
    """Others' rights on relations, columns, functions and types."""
    rows = await connection.fetch(_GRANTS, schema)
    return frozenset(Grant(**row) for row in rows)


async def grant_again(
    connection: asyncpg.Connection[Any],
    schema: str,
    before: frozenset[Grant],
    replaced: Iterable[str],
) -> list[str]:
    """Everybody may what they might ``before``, no less and, of what was replaced, no more; in the
    caller's transaction.

    Args:
        replaced: names of what took the place of something.

    Returns:
        What could not be granted, because its column or view is no more; statements.
    """
    now, known = await grants_in(connection, schema), frozenset(replaced)
    for grant in sorted(now - before):
        if grant.name in known:
            await connection.execute(grant.taken)
    gone = []
    for grant in sorted(before - await grants_in(connection, schema), key=str):
        try:
            async with connection.transaction():
                await connection.execute(str(grant))
        except (
            asyncpg.UndefinedObjectError,
            asyncpg.UndefinedTableError,
            asyncpg.UndefinedColumnError,
            asyncpg.UndefinedFunctionError,
        ):
            gone.append(str(grant))
    return gone


async def grant_as_new(
    connection: asyncpg.Connection[Any], schema: str, owner: str, things: Iterable[tuple[str, str]]
) -> None:
    """Grants what things that ``owner`` makes in ``schema`` have from their beginning.

    Args:
        owner: quoted.
        things: (kind, name with its schema) of what has no predecessor.
    """
    defaults = await connection.fetch(_DEFAULTS, schema, owner)
    for kind, name in things:
        for default in defaults:
            if default["kind"] == ("TABLE" if kind == "VIEW" else kind):
                await connection.execute(str(Grant(**{**default, "name": name})))
