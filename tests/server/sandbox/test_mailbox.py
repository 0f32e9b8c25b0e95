"""Kept mail: shown with its parts, to those whom it concerns."""

from __future__ import annotations

from email.message import EmailMessage

from rooms import limits
from rooms.sandbox.mail import SandboxMailRecord
from storage.sandbox.mail import PostgresSandboxMail
from tests.server.http import Person, ok
from tests.server.sandbox.conftest import Carried


async def keep(
    carried: Carried, to: str, subject: str, show_id: str | None = None
) -> SandboxMailRecord:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Setroom <hello@example.org>", to, subject
    mail["List-Unsubscribe"] = "<https://example.org/mail/unsubscribe/x>"
    mail.set_content("Grüße, ¡hola!\n")
    mail.add_alternative("<p>Grüße, <b>¡hola!</b></p>", subtype="html")
    services = carried.app.state.services
    record = SandboxMailRecord(
        mail_id=services.new_id(),
        sender="hello@example.org",
        recipient=to,
        subject=subject,
        raw=mail.as_bytes(),
        show_id=show_id,
        created_at=services.clock.now(),
    )
    store = PostgresSandboxMail(services.pool)
    await store.keep(record)
    await store.keep(record)
    return record


async def test_a_mail_is_shown_with_its_parts_and_headers(carried: Carried, trier: Person) -> None:
    kept = await keep(carried, trier.email, "Willkommen 🎸")
    page = ok(await trier.get("/api/sandbox/mail"))
    assert [(item["id"], item["subject"]) for item in page["items"]] == [
        (kept.mail_id, "Willkommen 🎸")
    ]
    mail = ok(await trier.get(f"/api/sandbox/mail/{kept.mail_id}"))
    assert mail["text"] == "Grüße, ¡hola!\n"
    assert mail["html"] == "<p>Grüße, <b>¡hola!</b></p>\n"
    headers = {header["name"]: header["value"] for header in mail["headers"]}
    assert headers["Subject"] == "Willkommen 🎸"
    assert headers["List-Unsubscribe"].startswith("<https://")


async def test_mail_is_seen_by_its_show_its_reader_and_admins(
    carried: Carried, trier: Person, admin: Person
) -> None:
    show = await trier.show()
    of_show = await keep(carried, "fan@example.org", "Results", show["id"])
    secret = await keep(carried, "other@example.org", "A new device")
    path = f"/api/sandbox/mail/{secret.mail_id}"
    assert (await trier.get(path)).status_code == 404
    ok(await trier.get(f"/api/sandbox/mail/{of_show.mail_id}"))
    stranger = await trier.signed_up(role="artist")
    assert ok(await stranger.get("/api/sandbox/mail"))["items"] == []
    assert (await stranger.get(f"/api/sandbox/mail/{of_show.mail_id}")).status_code == 404
    ok(await admin.at(carried.client()).get(path))
    guest = await trier.as_guest()
    assert (await guest.get("/api/sandbox/mail")).status_code == 403


async def test_mail_comes_page_by_page(carried: Carried, trier: Person) -> None:
    for number in range(3):
        await keep(carried, trier.email, f"Mail {number}")
    first = ok(await trier.get("/api/sandbox/mail?limit=2"))
    rest = ok(await trier.get(f"/api/sandbox/mail?limit=2&cursor={first['next_cursor']}"))
    subjects = [item["subject"] for item in first["items"] + rest["items"]]
    assert subjects == ["Mail 2", "Mail 1", "Mail 0"]
    assert rest["next_cursor"] is None
    assert limits.SANDBOX_MAIL_PAGE_MAX >= 2
