"""Effects of the outbox that become mails, written in the transaction of their cause.

=================  ========================================================================
kind               payload
=================  ========================================================================
``mail``           ``account_id`` and ``letter`` (`rooms.mail.letters`); of somebody who is
                   gone ``address`` and ``language`` instead
``mail_joined``    ``account_id``, ``language``: somebody signed up
=================  ========================================================================
"""

from __future__ import annotations

from datetime import datetime

from rooms.mail.kinds import language_of
from rooms.mail.letters import AccountDeleted, Letter, NewDevice, PasswordChanged, payload_of
from rooms.ports import OutboxRecord

MAIL_NOTICE = "mail"
"""Kind: tell somebody something about their account."""

MAIL_JOINED = "mail_joined"
"""Kind: somebody signed up."""


def signed_up(account_id: str, language: str | None) -> OutboxRecord:
    """Somebody has an account now. ``language``: of their browser."""
    payload = {"account_id": account_id, "language": language_of(language) if language else None}
    return OutboxRecord(MAIL_JOINED, f"{MAIL_JOINED}:{account_id}", payload)


def signed_in(account_id: str, session_id: str, device: str | None, at: datetime) -> OutboxRecord:
    """Somebody signed in on a device that the account does not know."""
    return _notice(f"device:{session_id}", account_id, NewDevice(device, at))


def password_changed(account_id: str, at: datetime) -> OutboxRecord:
    """The password is another one."""
    return _notice(f"password:{account_id}:{at.isoformat()}", account_id, PasswordChanged(at))


def account_deleted(account_id: str, address: str, name: str, language: str | None) -> OutboxRecord:
    """Nobody can be asked for the address any more: it comes along."""
    payload = {
        "address": address,
        "language": language_of(language),
        "letter": payload_of(AccountDeleted(name)),
    }
    return OutboxRecord(MAIL_NOTICE, f"{MAIL_NOTICE}:deleted:{account_id}", payload)


def _notice(key: str, account_id: str, letter: Letter) -> OutboxRecord:
    payload = {"account_id": account_id, "letter": payload_of(letter)}
    return OutboxRecord(MAIL_NOTICE, f"{MAIL_NOTICE}:{key}", payload)
