"""Owners and rights after a restore: what was made anew belongs to whom it belonged to, and others
may do what they might, no less and no more."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from storage.backup.dumping import dump
from storage.backup.grants import grants_in
from storage.backup.restoring import restore
from tests.patience import PATIENT_S
from tests.storage.backup.test_restoring import KEY


@dataclass(frozen=True, slots=True)
class Roles:
    """The nodes' own, and one that looks on."""

    nodes: str
    onlooker: str


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    opened = await asyncpg.connect(database_url)
    await opened.execute(
        "INSERT INTO accounts (id, kind, role, display_name)"
        " VALUES (uuidv7(), 'guest', 'fan', 'Ann')"
    )
    yield opened
    await opened.close()


@pytest.fixture
async def roles(connection: Any) -> AsyncIterator[Roles]:
    made = Roles(f"nodes-{secrets.token_hex(4)}", f"onlooker-{secrets.token_hex(4)}")
    for name in (made.nodes, made.onlooker):
        await connection.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{KEY}'")
    await connection.execute(f'GRANT CREATE, USAGE ON SCHEMA public TO "{made.nodes}"')
    yield made
    for name in (made.onlooker, made.nodes):
        await connection.execute(f'DROP OWNED BY "{name}" CASCADE; DROP ROLE "{name}"')


OWNERS = """
SELECT c.oid::regclass::text, c.relowner::regrole::text FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'S')
 UNION ALL
SELECT p.proname || pg_get_function_identity_arguments(p.oid), p.proowner::regrole::text
  FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1
"""


async def test_owners_and_rights_are_what_they_were_no_less_and_no_more(
    connection: Any, roles: Roles, database_url: str, tmp_path: Path
) -> None:
    """Brought back by the administrator; the nodes, which own the tables, are somebody else."""
    for thing in (
        "TABLE accounts",
        "TABLE rooms",
        "VIEW searchable",
        "SEQUENCE sandbox_message_versions",
        "FUNCTION refresh_search(integer)",
    ):
        await connection.execute(f'ALTER {thing} OWNER TO "{roles.nodes}"')
    # Whatever is made from now on is for the onlooker to read; nothing that is there already.
    await connection.execute(
        f"""
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "{roles.onlooker}";
        ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO "{roles.onlooker}";
        REVOKE EXECUTE ON FUNCTION search_key(text) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION search_key(text) TO "{roles.nodes}" WITH GRANT OPTION;
        GRANT USAGE, SELECT ON SEQUENCE sandbox_message_versions TO "{roles.onlooker}";
        GRANT SELECT (id), UPDATE (title) ON shows TO "{roles.nodes}"
        """
    )
    owners, rights = await connection.fetch(OWNERS), await grants_in(connection, "public")
    assert sum(roles.nodes in str(grant) for grant in rights) == 3
    assert sum(roles.onlooker in str(grant) for grant in rights) == 2
    node = await asyncpg.connect(
        database_url,
        user=roles.nodes,
        password=KEY,
        server_settings={"application_name": "setroom web1"},
    )
    ended = asyncio.Event()
    node.add_termination_listener(lambda _: ended.set())
    try:
        path = tmp_path / "one.setroom"
        await dump(database_url, path, version="1", key_check=KEY)
        await restore(database_url, path, key_check=KEY, replace=True)
        assert await connection.fetch(OWNERS) == owners
        assert await grants_in(connection, "public") == rights
    finally:
        await connection.execute(
            f'ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM "{roles.onlooker}";'
            f'ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM "{roles.onlooker}"'
        )
    async with asyncio.timeout(PATIENT_S):
        await ended.wait()  # Nobody goes on with what they knew of the database of before.


async def test_what_was_not_there_before_is_granted_as_anything_new(
    connection: Any, roles: Roles, database_url: str, tmp_path: Path
) -> None:
    """As a later migration's table is, when an older database is brought back over."""
    path = tmp_path / "one.setroom"
    await dump(database_url, path, version="1", key_check=KEY)
    await connection.execute(
        f"""
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "{roles.onlooker}";
        DROP TABLE sandbox_mail CASCADE; DROP VIEW searchable CASCADE
        """
    )
    await restore(database_url, path, key_check=KEY, replace=True)
    granted = {str(grant) for grant in await grants_in(connection, "public")}
    mine = {grant for grant in granted if roles.onlooker in grant}
    assert mine == {
        f'GRANT SELECT ON TABLE public.{name} TO "{roles.onlooker}"'
        for name in ("sandbox_mail", "searchable")
    }
