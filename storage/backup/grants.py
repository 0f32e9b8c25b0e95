"""Who else may read or write what: others' rights on tables that a restore replaces.

A dashboard or a warehouse reads by a role of its own, to which an operator has granted it. New
tables come without that.
"""

from __future__ import annotations

from typing import Any

import asyncpg

# An owner's own rights come with the new table; an empty grantee is PUBLIC.
_GRANTS = """
SELECT format('GRANT %s%s ON %s %s TO %s%s', right_, part, kind, name,
              CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS "grant"
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
      FROM pg_proc p CROSS JOIN aclexplode(p.proacl) g
     WHERE p.pronamespace = $1::text::regnamespace AND p.prokind IN ('f', 'w')
  ) AS granted
 WHERE grantee <> owner
 ORDER BY 1
"""


async def grants_in(connection: asyncpg.Connection[Any], schema: str) -> frozenset[str]:
    """Others' rights on relations, columns and functions, as statements."""
    rows = await connection.fetch(_GRANTS, schema)
    return frozenset(row["grant"] for row in rows)


async def grant_again(
    connection: asyncpg.Connection[Any], schema: str, before: frozenset[str]
) -> list[str]:
    """Grants what was granted ``before`` and is no longer; in the caller's transaction.

    Returns:
        What could not be granted, because its column or view is no more; statements.
    """
    lost = before - await grants_in(connection, schema)
    gone = []
    for statement in sorted(lost):
        try:
            async with connection.transaction():
                await connection.execute(statement)
        except (
            asyncpg.UndefinedObjectError,
            asyncpg.UndefinedTableError,
            asyncpg.UndefinedColumnError,
            asyncpg.UndefinedFunctionError,
        ):
            gone.append(statement)
    return gone
