"""What the database itself refuses, whoever writes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from storage.ids import uuid7


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def add_show(connection: Any, **columns: Any) -> Any:
    values = {"id": uuid7(), "title": "A show", "source_id": str(uuid7())} | columns
    values.setdefault("slug", f"show-{values['id']}")
    names = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await connection.execute(
        f"INSERT INTO shows ({names}, starts_at) VALUES ({places}, now())", *values.values()
    )
    return values["id"]


async def add_account(connection: Any, **columns: Any) -> Any:
    values = {"id": uuid7(), "display_name": "Ann", "kind": "guest"} | columns
    names = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await connection.execute(f"INSERT INTO accounts ({names}) VALUES ({places})", *values.values())
    return values["id"]


async def test_an_email_address_is_unique_whatever_its_case(connection: Any) -> None:
    user = {"kind": "user", "password_hash": "x"}
    await add_account(connection, email="Ann@example.org", **user)
    with pytest.raises(asyncpg.UniqueViolationError):
        await add_account(connection, email="ann@EXAMPLE.org", **user)
    await add_account(connection)
    await add_account(connection)


async def test_a_guest_has_no_credentials_and_a_user_has(connection: Any) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await add_account(connection, kind="guest", email="a@example.org")
    with pytest.raises(asyncpg.CheckViolationError):
        await add_account(connection, kind="user", email="a@example.org")


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "over"},
        {"access": "secret"},
        {"slug": "Not A Slug"},
        {"source_id": None},
    ],
)
async def test_a_show_is_of_a_known_kind(connection: Any, columns: dict[str, Any]) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await add_show(connection, **columns)


async def test_a_show_moves_along_legal_transitions_only(connection: Any) -> None:
    change = "UPDATE shows SET status = $2 WHERE id = $1"
    show_id = await add_show(connection, status="draft")
    for status in ("published", "live", "closed", "archived"):
        await connection.execute(change, show_id, status)
    for status in ("draft", "live", "cancelled"):
        with pytest.raises(asyncpg.CheckViolationError, match="does not go from archived"):
            await connection.execute(change, show_id, status)


async def test_an_account_attends_a_show_once(connection: Any) -> None:
    account, show_id = await add_account(connection), await add_show(connection)
    attend = "INSERT INTO attendees (show_id, account_id, display_name) VALUES ($1, $2, 'Ann')"
    await connection.execute(attend, show_id, account)
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(attend, show_id, account)


async def test_ids_made_here_sort_by_time_like_those_of_the_database(connection: Any) -> None:
    for _ in range(20):
        before, middle = uuid7(), await connection.fetchval("SELECT uuidv7()")
        assert before.version == middle.version == 7
        assert before.variant == middle.variant
        assert abs((before.int >> 80) - (middle.int >> 80)) < 10_000  # milliseconds


async def test_a_round_that_goes_takes_its_ballots_along(connection: Any) -> None:
    show_id = await add_show(connection)
    round_id = await connection.fetchval(
        "INSERT INTO rounds (show_id, config, config_hash) VALUES ($1, '{}', 'h') RETURNING id",
        show_id,
    )
    await connection.execute(
        "INSERT INTO ballots VALUES ($1, uuidv7(), '[{}]', 'o1', 'audience:web', now(), 1)",
        round_id,
    )
    await connection.execute("DELETE FROM shows WHERE id = $1", show_id)
    assert await connection.fetchval("SELECT count(*) FROM ballots") == 0
