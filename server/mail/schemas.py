"""Bodies of the calls about mail."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

FrequencyText = Literal["immediate", "daily", "weekly", "never"]
MailLanguage = Literal["en", "es", "fr", "de"]


class MailFrequency(Struct, frozen=True):
    """How often mails of one type come. Daily and weekly ones come together in a digest."""

    frequency: FrequencyText


class MailTypes(Struct, frozen=True):
    """All types that can be chosen. Mails about an account's security always come."""

    welcome: MailFrequency
    new_show: MailFrequency
    reminder: MailFrequency
    digest: MailFrequency
    results: MailFrequency
    recap: MailFrequency
    broadcast: MailFrequency


class MailPreferencesView(Struct, frozen=True):
    """``GET /api/auth/profile/mail``.

    Attributes:
        address: where mails go; ``None``: a guest has none.
        verified: the address is proven. Until then only security and the first welcome go there.
        language: of the mails.
        suppressed: ``bounced`` or ``complained``: nothing goes there until it is proven again.
    """

    address: str | None
    verified: bool
    language: MailLanguage
    types: MailTypes
    suppressed: Literal["bounced", "complained"] | None


class MailTypesBody(Struct, frozen=True):
    """New choices; what is left out stays as it is."""

    welcome: MailFrequency | UnsetType = UNSET
    new_show: MailFrequency | UnsetType = UNSET
    reminder: MailFrequency | UnsetType = UNSET
    digest: MailFrequency | UnsetType = UNSET
    results: MailFrequency | UnsetType = UNSET
    recap: MailFrequency | UnsetType = UNSET
    broadcast: MailFrequency | UnsetType = UNSET


class MailPreferencesBody(Struct, frozen=True):
    """``PUT /api/auth/profile/mail``."""

    types: MailTypesBody = MailTypesBody()
    language: MailLanguage | UnsetType = UNSET


class VerificationSent(Struct, frozen=True):
    """A mail with a link is on its way. ``address``: to whom."""

    address: str


class MailEvent(Struct, frozen=True):
    """What a mail provider says of one mail.

    Attributes:
        id: the event's own name; said twice it counts once.
        bounce_type: of a bounce; without it ``status`` decides.
        status: enhanced status code (RFC 3463).
        message_id: the mail's Message-ID.
    """

    id: Annotated[str, Meta(min_length=1, max_length=128)]
    event: Literal["bounce", "complaint", "delivered"]
    address: Annotated[str, Meta(min_length=3, max_length=320)]
    bounce_type: Literal["hard", "soft"] | None = None
    status: Annotated[str, Meta(max_length=16)] | None = None
    message_id: Annotated[str, Meta(max_length=320)] | None = None


class MailEventsBody(Struct, frozen=True):
    """``POST /webhooks/mail/bounces``."""

    events: Annotated[list[MailEvent], Meta(max_length=100)]
