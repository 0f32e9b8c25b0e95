"""What people choose about mail: the rules, without HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from jobs.mail.making import Maker
from rooms.mail.kinds import DEFAULTS, Frequency, MailType
from rooms.mail.letters import Verify
from rooms.mail.ports import People, Person
from rooms.messaging.kinds import MessageKind
from rooms.messaging.ports import MessageStore
from rooms.ports import Clock
from server.mail.links import SignedMailLinks, UnsubscribeClaims, VerifyClaims
from server.problems import ApiError, not_allowed
from server.rate_limits import MAIL_VERIFICATIONS_BY_ACCOUNT, RateLimits
from server.security.tokens import TokenInvalid

BY_ACCOUNT: Final = "account"
BY_LINK: Final = "link"
BY_ONE_CLICK: Final = "one_click"
"""Where a choice was made; kept with it."""

log = structlog.get_logger(__name__)


class MailChoices:
    """Reads and changes them.

    Args:
        offered: whether mail is sent at all.
    """

    def __init__(
        self,
        people: People,
        messages: MessageStore,
        links: SignedMailLinks,
        maker: Maker,
        limits: RateLimits,
        clock: Clock,
        *,
        offered: bool,
    ) -> None:
        self._people = people
        self._messages = messages
        self._links = links
        self._maker = maker
        self._limits = limits
        self._clock = clock
        self._offered = offered

    async def of(self, account_id: str) -> Person | None:
        """What somebody has chosen; ``None``: a guest."""
        return await self._people.person(account_id)

    async def choose(
        self,
        account_id: str,
        frequencies: Mapping[MailType, Frequency],
        language: str | None,
        source: str,
    ) -> Person:
        """Changes what is named.

        Raises:
            ApiError: ``not_allowed``: a guest has no address.
        """
        if await self._people.person(account_id) is None:
            raise not_allowed("A guest has no address. Sign up to have one.")
        if language is not None:
            await self._people.speak(account_id, language)
        # Choosing also plans the next digests, by the zone of now.
        await self._people.choose(account_id, frequencies, source, self._clock.now())
        person = await self._people.person(account_id)
        if person is None:
            raise not_allowed("This account is gone.")
        log.info(
            "mail_chosen",
            account_id=account_id,
            source=source,
            kinds=sorted(kind.value for kind in frequencies),
        )
        return person

    async def refuse_all(self, account_id: str, source: str) -> Person:
        """No mail but those about the account's security."""
        return await self.choose(account_id, dict.fromkeys(DEFAULTS, Frequency.NEVER), None, source)

    async def ask(self, account_id: str) -> str:
        """Sends a mail that proves the address; to whom.

        Raises:
            ApiError: ``not_allowed`` (a guest), ``already_verified``, ``mail_off``,
                ``rate_limited``.
        """
        person = await self._people.person(account_id)
        if person is None or person.mailbox.address is None:
            raise not_allowed("A guest has no address. Sign up to have one.")
        if person.mailbox.verified and person.mailbox.suppressed is None:
            raise ApiError(409, "already_verified", "This address is proven already.")
        if not self._offered:
            raise ApiError(409, "mail_off", "No mail is sent from here.")
        await self._limits.hit(MAIL_VERIFICATIONS_BY_ACCOUNT, account_id)
        now = self._clock.now()
        message = self._maker.make(
            MessageKind.SECURITY,
            Verify(),
            f"verify:{account_id}:{now.isoformat()}",
            person.reader.language,
            now,
            account_id=account_id,
        )
        await self._messages.enqueue([message])
        return person.mailbox.address

    def read_unsubscribe(self, token: str) -> UnsubscribeClaims:
        """Whose mail it was.

        Raises:
            ApiError: ``invalid_link``.
        """
        try:
            return self._links.read_unsubscribe(token, self._clock.now())
        except TokenInvalid:
            raise _no_link() from None

    def read_verify(self, token: str) -> VerifyClaims:
        """Whose address it is to be.

        Raises:
            ApiError: ``invalid_link``.
        """
        try:
            return self._links.read_verify(token, self._clock.now())
        except TokenInvalid:
            raise _no_link() from None

    async def verify(self, claims: VerifyClaims) -> bool:
        """The address is proven; false: the account has another one by now."""
        now = self._clock.now()
        verified = await self._people.verify(claims.account_id, claims.address, now)
        log.info("mail_verified", account_id=claims.account_id, verified=verified)
        return verified


def _no_link() -> ApiError:
    return ApiError(404, "invalid_link", "This link is not good (any more).")
