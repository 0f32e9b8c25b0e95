"""Kept mail, as it is read: its parts, and the heads that say what it is."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final

from rooms.sandbox.mail import SandboxMailbox, SandboxMailRecord
from server.cursors import Moment, read_cursor, write_cursor
from server.problems import not_allowed, not_found
from server.sandbox.schemas import MailHeader, SandboxMailItem, SandboxMailPage, SandboxMailView
from server.security.identity import Identity

HEADERS_MAX: Final = 60


class Mailbox:
    """Mail that was kept instead of being sent."""

    def __init__(self, mails: SandboxMailbox) -> None:
        self._mails = mails

    async def page(self, identity: Identity, cursor: str | None, limit: int) -> SandboxMailPage:
        """The newest first: all of it for admins, else of one's own shows and address.

        Raises:
            ApiError: ``not_allowed``, ``validation_failed``.
        """
        before = read_cursor(cursor, tuple[Moment, str]) if cursor else None
        found = await self._mails.visible_to(_seen_by(identity), before, limit + 1)
        shown = found[:limit]
        more = len(found) > limit
        return SandboxMailPage(
            items=[_item(mail) for mail in shown],
            next_cursor=write_cursor((shown[-1].created_at, shown[-1].mail_id)) if more else None,
        )

    async def one(self, identity: Identity, mail_id: str) -> SandboxMailView:
        """One mail with its content.

        Raises:
            ApiError: ``not_allowed``, ``unknown_mail``.
        """
        mail = await self._mails.one(mail_id, _seen_by(identity))
        if mail is None:
            raise not_found("mail")
        return _view(mail)


def _seen_by(identity: Identity) -> str | None:
    if identity.guest:
        raise not_allowed("Guests get no mail.")
    return None if identity.is_admin else identity.account_id


def _item(mail: SandboxMailRecord) -> SandboxMailItem:
    return SandboxMailItem(
        id=mail.mail_id,
        from_=mail.sender,
        to=mail.recipient,
        subject=mail.subject,
        show_id=mail.show_id,
        created_at=mail.created_at,
    )


def _view(mail: SandboxMailRecord) -> SandboxMailView:
    read = message_from_bytes(mail.raw, policy=policy.default)
    return SandboxMailView(
        id=mail.mail_id,
        from_=mail.sender,
        to=mail.recipient,
        subject=mail.subject,
        show_id=mail.show_id,
        created_at=mail.created_at,
        text=_part(read, "plain"),
        html=_part(read, "html"),
        headers=[MailHeader(name, str(value)) for name, value in read.items()][:HEADERS_MAX],
    )


def _part(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    content = part.get_content() if part is not None else None
    return content if isinstance(content, str) else None
