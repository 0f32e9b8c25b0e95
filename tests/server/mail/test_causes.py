"""What happens becomes mails: once for each, however often it is said."""

from __future__ import annotations

from datetime import timedelta

from jobs.mail.effects import SECOND_THOUGHTS
from jobs.mail.tasks import remind, send_digests, welcome
from rooms.accounts.ports import NewAccount, NewSession
from rooms.mail.kinds import Frequency, MailType
from rooms.mail.letters import Words
from rooms.messaging.kinds import MessageKind
from rooms.outbox import ANNOUNCE_SHOW
from rooms.ports import OutboxRecord
from storage.accounts.accounts import PostgresAccounts
from storage.accounts.profiles import PostgresProfiles
from storage.accounts.sessions import PostgresSessions
from storage.ids import uuid7
from storage.outbox.entries import put_effects
from tests.jobs.mail.server import MailServer
from tests.server.mail.conftest import Office


async def subjects(office: Office, account_id: str) -> list[tuple[str, str, str | None]]:
    rows = await office.pool.fetch(
        "SELECT kind, state, reason FROM messages WHERE account_id = $1 ORDER BY id", account_id
    )
    return [(row["kind"], row["state"], row["reason"]) for row in rows]


async def hurry(office: Office) -> None:
    """What is to go out later goes out now."""
    await office.pool.execute("UPDATE messages SET due_at = now() WHERE state = 'scheduled'")


async def announce(office: Office, show_id: str, times: int = 1) -> None:
    async with office.pool.acquire() as connection:
        for number in range(times):
            effect = OutboxRecord(ANNOUNCE_SHOW, f"{show_id}:{number}", {"show_id": show_id})
            await put_effects(connection, [(show_id, effect)])
    await office.outbox.drain()


async def test_whoever_signs_up_is_welcomed_three_times_in_six_days(
    office: Office, server: MailServer
) -> None:
    account_id, address = str(uuid7()), "new@example.test"
    now = office.clock.now()
    account = NewAccount(account_id, "Ann", email=address, password_hash="x", language="de")
    await PostgresAccounts(office.pool).create(account, now)
    await PostgresAccounts(office.pool).create(account, now)
    await office.deliver()
    [first] = server.to(address)
    assert first["Subject"] == "Willkommen bei Setroom, Ann"

    assert await welcome(office.jobs(timedelta(days=3))) == 0, "the address is not proven"
    await office.mail.people.verify(account_id, address, now)
    assert await welcome(office.jobs(timedelta(days=4))) == 1
    assert await welcome(office.jobs(timedelta(days=4))) == 0
    assert await welcome(office.jobs(timedelta(days=20))) == 1
    assert await welcome(office.jobs(timedelta(days=40))) == 0
    await hurry(office)
    await office.lane.drain()
    assert sorted(str(mail["Subject"]) for mail in server.to(address)) == [
        "Ganz nach dir",
        "So läuft ein Abend im Raum",
        "Willkommen bei Setroom, Ann",
    ]


async def test_a_device_that_an_account_knows_is_no_news(
    office: Office, server: MailServer
) -> None:
    account_id, address = await office.account(verified=False)
    sessions = PostgresSessions(office.pool)
    now = office.clock.now()
    known, new = str(uuid7()), str(uuid7())
    for device, signed_in in ((known, False), (known, True), (new, True), (new, True)):
        session = NewSession(
            str(uuid7()),
            account_id,
            str(uuid7()).encode(),
            now + timedelta(days=1),
            device_id=device,
            device_label="Firefox on Android",
            signed_in=signed_in,
        )
        await sessions.open(session, now)
    await office.deliver()

    [mail] = server.to(address)
    assert mail["Subject"] == "New sign-in to your account"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Device: Firefox on Android" in text.get_content()


async def test_another_password_and_the_accounts_end_are_told(
    office: Office, server: MailServer
) -> None:
    account_id, address = await office.account(verified=False, language="es", name="Ana")
    accounts, now = PostgresAccounts(office.pool), office.clock.now()
    assert await accounts.set_password_hash(account_id, "x2", "x", None)
    assert await accounts.set_password_hash(account_id, "y", "x2", now)
    assert not await accounts.set_password_hash(account_id, "z", "x", now)
    await office.deliver()
    await PostgresProfiles(office.pool).delete(account_id, now)
    await office.deliver()

    assert sorted(str(mail["Subject"]) for mail in server.to(address)) == [
        "Tu contraseña ha cambiado",
        "Tu cuenta se ha eliminado",
    ]
    rows = await office.pool.fetch(
        "SELECT account_id, address, payload::text AS payload FROM messages ORDER BY id"
    )
    assert [(row["account_id"], row["address"]) for row in rows] == [(None, None), (None, None)]
    assert rows[0]["payload"] is None, "what was written to them goes along"


async def test_who_knows_an_artist_hears_of_their_next_show(
    office: Office, server: MailServer
) -> None:
    before, after = await office.show("Last year"), await office.show("Next year")
    await office.artist("The Wandering Lights", before, after)
    fan, address = await office.account()
    stranger, _ = await office.account()
    refusing, _ = await office.account()
    unproven, _ = await office.account(verified=False)
    far, _ = await office.account()
    for account_id in (fan, refusing, unproven, far):
        await office.join(account_id, before)
    await office.mail.people.choose(
        refusing, {MailType.NEW_SHOW: Frequency.NEVER}, "account", office.clock.now()
    )
    venue = str(uuid7())
    await office.pool.execute(
        "INSERT INTO venues (id, name, city, country, lat, lon) "
        "VALUES ($1, 'Barton Hall', 'Ithaca', 'US', 42.44, -76.5)",
        venue,
    )
    await office.pool.execute("UPDATE shows SET venue_id = $2 WHERE id = $1", after, venue)
    home = '{"name": "Ithaca", "lat": 42.44, "lon": -76.5, "country": "US"}'
    away = '{"name": "Berlin", "lat": 52.52, "lon": 13.41, "country": "DE"}'
    for account_id, city in ((fan, home), (far, away)):
        await office.pool.execute(
            "UPDATE accounts SET home_city = $2::text::json WHERE id = $1", account_id, city
        )

    await announce(office, after, times=2)
    assert await subjects(office, fan) == [("NEW_SHOW", "scheduled", None)]
    due_in = await office.pool.fetchval("SELECT due_at - now() FROM messages")
    assert timedelta(0) < due_in <= SECOND_THOUGHTS
    await hurry(office)
    await office.lane.drain()

    [mail] = server.mails
    assert str(mail["To"]).endswith(f"<{address}>")
    assert str(mail["Subject"]).startswith("The Wandering Lights in Ithaca, ")
    html = mail.get_body(("html",))
    assert html is not None
    assert "Near you" in html.get_content()
    for nobody in (stranger, refusing, unproven, far):
        assert await subjects(office, nobody) == []
    kept = await office.pool.fetch("SELECT account_id, frequency FROM mail_collected")
    assert [(str(row["account_id"]), row["frequency"]) for row in kept] == [(far, "weekly")]


async def test_a_show_that_is_cancelled_meanwhile_is_not_announced(
    office: Office, server: MailServer
) -> None:
    before, after = await office.show("Last year"), await office.show("Next year")
    await office.artist("The Band", before, after)
    fan, _ = await office.account()
    await office.join(fan, before)
    await announce(office, after)
    await office.pool.execute("UPDATE shows SET status = 'cancelled' WHERE id = $1", after)
    await hurry(office)
    await office.lane.drain()

    assert server.mails == []
    assert await subjects(office, fan) == [("NEW_SHOW", "suppressed", "no_longer_announced")]


async def test_a_show_that_somebody_joined_is_reminded_of_twice(
    office: Office, server: MailServer
) -> None:
    now = office.clock.now()
    show_id = await office.show(starts_at=now + timedelta(hours=30))
    fan, address = await office.account()
    weekly, _ = await office.account()
    late, _ = await office.account()
    for account_id in (fan, weekly, late):
        await office.join(account_id, show_id)
    await office.pool.execute(
        "UPDATE attendees SET joined_at = $2 WHERE account_id = $1",
        late,
        now + timedelta(hours=29),
    )
    await office.mail.people.choose(weekly, {MailType.REMINDER: Frequency.WEEKLY}, "account", now)

    assert await remind(office.jobs()) == 0, "it is more than a day away"
    assert await remind(office.jobs(timedelta(hours=7))) == 1
    assert await remind(office.jobs(timedelta(hours=7))) == 0
    assert await remind(office.jobs(timedelta(hours=27, minutes=5))) == 1
    await hurry(office)
    await office.lane.drain()
    assert sorted(str(mail["Subject"]) for mail in server.mails) == [
        "In three hours: Barton Hall",
        "Tomorrow: Barton Hall",
    ]
    assert {str(mail["To"]) for mail in server.mails} == {f"Zoë Müller <{address}>"}


async def test_a_digest_holds_what_waited_and_goes_out_once(
    office: Office, server: MailServer
) -> None:
    now = office.clock.now()
    coming = await office.show("Friday night", starts_at=now + timedelta(days=3))
    fan, address = await office.account()
    await office.join(fan, coming)
    await office.mail.people.choose(fan, {MailType.BROADCAST: Frequency.WEEKLY}, "account", now)
    for number in range(2):
        words = Words(f"Message {number}")
        await office.queue(MessageKind.BROADCAST, words, str(number), fan, show_id=coming)
    await office.lane.drain()
    assert server.mails == []

    assert await send_digests(office.jobs()) == 0, "it is not Thursday yet"
    await office.pool.execute("UPDATE mail_recipients SET weekly_at = now()")
    assert await send_digests(office.jobs(timedelta(seconds=5))) == 1
    assert await send_digests(office.jobs(timedelta(seconds=5))) == 0
    await hurry(office)
    await office.lane.drain()

    [mail] = server.to(address)
    assert mail["Subject"] == "Your week at Setroom"
    text = mail.get_body(("plain",))
    assert text is not None
    said = text.get_content()
    assert "Message 0" in said
    assert "Message 1" in said
    assert "Friday night" in said
    assert mail["List-Unsubscribe"] is not None
    next_at = await office.pool.fetchval("SELECT weekly_at FROM mail_recipients")
    assert now < next_at <= now + timedelta(days=8)


async def test_a_digest_with_nothing_in_it_is_not_sent(office: Office, server: MailServer) -> None:
    fan, _ = await office.account()
    await office.pool.execute("UPDATE mail_recipients SET weekly_at = now()")
    assert await send_digests(office.jobs(timedelta(seconds=5))) == 1
    await hurry(office)
    await office.lane.drain()

    assert server.mails == []
    assert await subjects(office, fan) == [("DIGEST", "suppressed", "nothing_new")]
