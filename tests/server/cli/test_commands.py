"""The commands that do one thing and end."""

from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.settings_checks import SECRET_KEY_CHARACTERS_MIN
from tests.conftest import run

PASSWORD = "correct horse battery"


def invoke(arguments: list[str], environment: Mapping[str, str]) -> Result:
    return CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)


def configured(database_url: str, redis_url: str) -> dict[str, str]:
    return {
        "SETROOM_DATABASE_URL": database_url,
        "SETROOM_REDIS_URL": redis_url,
        "SETROOM_SECRET_KEY": "k" * SECRET_KEY_CHARACTERS_MIN,
    }


def query(url: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return run(ask())


def test_migrate_applies_what_is_missing_once(empty_database_url: str, redis_url: str) -> None:
    environment = configured(empty_database_url, redis_url)

    first = invoke(["migrate"], environment)
    second = invoke(["migrate"], environment)

    assert first.exit_code == 0
    assert "applied: " in first.output
    assert query(empty_database_url, "SELECT count(*) FROM room_events") == 0
    assert second.output == "nothing to do: up to date\n"


def test_create_user_makes_an_account_of_any_role(database_url: str, redis_url: str) -> None:
    environment = configured(database_url, redis_url)
    arguments = ["create-user", "--email", "Ada@example.com", "--role", "admin"]

    made = invoke([*arguments, "--password", PASSWORD], environment)
    again = invoke([*arguments, "--password", PASSWORD], environment)

    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    role = query(database_url, "SELECT role FROM accounts WHERE email = 'ada@example.com'")
    assert role == "admin"
    assert again.exit_code == 1
    assert again.output == "setroom: ada@example.com has an account already\n"


@pytest.mark.parametrize(
    ("email", "password"), [("nobody", PASSWORD), ("ada@example.com", "hunter2")]
)
def test_create_user_refuses_what_signing_up_would(email: str, password: str) -> None:
    result = invoke(["create-user", "--email", email, "--password", password], {})

    assert result.exit_code == 1
    assert result.output.startswith("setroom: ")
    assert password not in result.output


@pytest.mark.parametrize("command", ["up", "serve", "worker", "migrate"])
def test_every_command_says_every_problem_of_the_settings(command: str) -> None:
    result = invoke([command], {"SETROOM_PORT": "x", "SETROOM_REDIS_URL": "redis://cache"})

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "setroom: SETROOM_PORT: expected `int`, got `str`",
        "setroom: SETROOM_DATABASE_URL: missing; give both store addresses, or neither for the "
        "embedded stores",
    ]


def test_doctor_reports_configured_stores(database_url: str, redis_url: str) -> None:
    result = invoke(["doctor"], configured(database_url, redis_url) | {"COLUMNS": "200"})

    lines = {line.split()[1]: line.split()[0] for line in result.output.splitlines()}
    assert {name: lines[name] for name in ("PostgreSQL", "Valkey", "clock", "migrations")} == {
        "PostgreSQL": "✓",
        "Valkey": "✓",
        "clock": "✓",
        "migrations": "✓",
    }
    assert "k" * SECRET_KEY_CHARACTERS_MIN not in result.output


def test_doctor_tells_of_dead_effects(database_url: str, redis_url: str) -> None:
    def said() -> list[str]:
        environment = configured(database_url, redis_url) | {"COLUMNS": "200"}
        lines = invoke(["doctor"], environment).output.splitlines()
        return next(line.split() for line in lines if "outbox" in line)

    assert said() == ["✓", "outbox", "nothing", "waits"]
    query(
        database_url,
        "INSERT INTO outbox (kind, dedupe_key, payload, dead_at)"
        " VALUES ('archive_show', 'x', '{}', now()) RETURNING id",
    )
    assert said() == ["•", "outbox", "1", "archive_show", "dead"]


def test_doctor_fails_on_pending_migrations(empty_database_url: str, redis_url: str) -> None:
    result = invoke(["doctor"], configured(empty_database_url, redis_url))

    assert result.exit_code == 1
    assert "run `setroom migrate`" in " ".join(result.output.split())


def test_doctor_fails_on_stores_that_are_not_there() -> None:
    # Port 1 of the loopback: nobody listens there.
    nowhere = configured("postgresql://u:hunter2@127.0.0.1:1/x", "redis://:hunter2@127.0.0.1:1/0")

    result = invoke(["doctor"], nowhere)

    assert result.exit_code == 1
    assert result.output.count("not reachable") == 2
    assert "hunter2" not in result.output


def test_a_command_uses_the_stores_of_a_folder_and_leaves_it_free(data_dir: Path) -> None:
    environment = {"SETROOM_DATA_DIR": str(data_dir)}

    made = invoke(["create-user", "--email", "a@example.com", "--password", PASSWORD], environment)
    again = invoke(["create-user", "--email", "a@example.com", "--password", PASSWORD], environment)

    assert made.exit_code == 0, made.output
    assert "has an account already" in again.output
