"""A show with people, phones, votes and texts, written straight into the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Litestar

from storage.ids import uuid7
from tests.server.http import Person, ok

Json = dict[str, Any]
VENUE = {"name": "Gran Rex", "city": "Buenos Aires", "country": "AR"}


def number_of(n: int) -> str:
    """A number that nobody has."""
    return f"+1555{n:07d}"


async def crowd(app: Litestar, show_id: str, people: int, name: str = "Fan") -> list[str]:
    """People who joined by the app; their ids as attendees."""
    ids = [uuid7() for _ in range(people)]
    accounts = [uuid7() for _ in range(people)]
    pool = app.state.services.pool
    await pool.execute(
        "INSERT INTO accounts (id, kind, display_name) SELECT u.id, 'guest', $2 || ' ' || u.n"
        "  FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, n)",
        accounts,
        name,
    )
    await pool.execute(
        "INSERT INTO attendees (id, show_id, account_id, display_name)"
        " SELECT u.id, $3, u.account, $4 || ' ' || u.n"
        "   FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS u (id, account, n)",
        ids,
        accounts,
        show_id,
        name,
    )
    return [str(one) for one in ids]


async def phone(
    app: Litestar, show_id: str, attendee_id: str, number: str, *, confirmed: bool = True
) -> str:
    """Gives an attendee a phone."""
    pool, phone_id, now = app.state.services.pool, str(uuid7()), datetime.now(UTC)
    await pool.execute(
        "INSERT INTO phones (id, channel, number, number_hash, account_id, language, created_at)"
        " SELECT $1, 'sms', $2, sha256($2::text::bytea), account_id, 'es', $4"
        "   FROM attendees WHERE id = $3",
        phone_id,
        number,
        attendee_id,
        now,
    )
    await pool.execute(
        "INSERT INTO phone_attendances (attendee_id, phone_id, show_id, state, joined_at,"
        " confirmed_at) VALUES ($1, $2, $3, $4, $5, $6)",
        attendee_id,
        phone_id,
        show_id,
        "active" if confirmed else "pending",
        now,
        now if confirmed else None,
    )
    return phone_id


async def text_to(
    app: Litestar, show_id: str, attendee_id: str, phone_id: str | None, state: str = "delivered"
) -> None:
    """A text that was sent."""
    now = datetime.now(UTC)
    await app.state.services.pool.execute(
        "INSERT INTO messages (id, show_id, attendee_id, phone_id, kind, channel, sender,"
        " language, segments, dedupe_key, priority, state, created_at, due_at, sent_at)"
        " VALUES ($1, $2, $3, $4, 'NUDGE', 'sms', '+15550100199', 'es', 1, $5, 5, $6, $7, $7, $7)",
        uuid7(),
        show_id,
        attendee_id,
        phone_id,
        str(uuid7()),
        state,
        now,
    )


async def ballots(
    app: Litestar,
    round_id: str,
    attendees: list[str],
    *,
    option: str = "o2",
    channel: str = "web",
    at: datetime | None = None,
) -> None:
    """Votes of these people, all for one option."""
    await app.state.services.pool.execute(
        "INSERT INTO ballots (round_id, participant_id, picks, pattern, voter_class, cast_at,"
        " version) SELECT $1, u.id, $3::text::jsonb, $4, 'audience:' || $5::text, $6, 1"
        "   FROM unnest($2::uuid[]) AS u (id)",
        round_id,
        attendees,
        f'[{{"option_id": "{option}"}}]',
        option,
        channel,
        at or datetime.now(UTC),
    )


async def vote(who: Person, round_id: str, option: str = "o2") -> None:
    """A vote through the room."""
    body = {"command_id": str(uuid7()), "picks": [{"option_id": option}]}
    ok(await who.post(f"/api/rounds/{round_id}/vote", body))


async def named(artist: Person, show_id: str, who: Person, role: str) -> None:
    """Puts somebody into the crew."""
    members = {"members": [{"account_id": who.id, "role": role}]}
    ok(await artist.put(f"/api/shows/{show_id}/crew", members))


async def move_clock(app: Litestar, show_id: str, back: timedelta) -> None:
    """Lets the last release be longer ago."""
    await app.state.services.pool.execute(
        "UPDATE released_figures SET released_at = released_at - $2::interval WHERE show_id = $1",
        show_id,
        back,
    )
