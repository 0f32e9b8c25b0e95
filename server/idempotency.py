"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header) for calls that create."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
from litestar import MediaType, Request, Response

from rooms.accounts.idempotency import (
    Claimed,
    IdempotencyKeys,
    KeyReused,
    Replay,
    StillAtWork,
)
from rooms.ports import Clock, NewId
from server.field_problems import FieldProblem
from server.problems import ApiError
from server.secret import Secret
from server.security.tokens import derive_key

HEADER: Final = "Idempotency-Key"
KEY_CHARACTERS_MAX: Final = 200
ANONYMOUS_KEY_CHARACTERS_MIN: Final = 16
"""Nobody's keys share one space: only ones that two people do not both think of are honoured."""

PATIENCE: Final = timedelta(seconds=30)
"""A call unfinished for this long died with its node."""

LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
NOBODY: Final = "00000000-0000-0000-0000-000000000000"

Body = TypeVar("Body")
Produce = Callable[[str], Awaitable[Body]]
"""Creates a thing with the given id, or finds what that id was given to, and describes it."""


class Idempotency:
    """Carries a creating call out once per key."""

    def __init__(
        self, keys: IdempotencyKeys, secret_key: Secret, clock: Clock, new_id: NewId
    ) -> None:
        self._keys = keys
        self._hash_key = derive_key(secret_key, "idempotency")
        self._clock = clock
        self._new_id = new_id

    async def once(
        self,
        request: Request[Any, Any, Any],
        account_id: str | None,
        produce: Produce[Body],
        *,
        keeps_answer: bool = True,
    ) -> Response[Body]:
        """The 201 answer of ``produce``, or of its first call with this key.

        Args:
            account_id: whose key it is; ``None``: nobody's, then the address is part of it.
            keeps_answer: false for answers with secrets: ``produce`` is then called again with
                the same id, and makes new ones.

        Raises:
            ApiError: ``idempotency_key_reused``, ``idempotency_in_progress``.
        """
        key = self._key_of(request, account_id)
        if key is None:
            return _created(await produce(self._new_id()))
        found = await self._keys.claim(
            self._new_id(),
            account_id or NOBODY,
            key,
            f"{request.method} {request.url.path}"[:300],
            hmac.digest(self._hash_key, await request.body(), "sha256"),
            now=self._clock.now(),
            patience=PATIENCE,
        )
        match found:
            case Replay():
                return Response(
                    found.body,  # type: ignore[arg-type]
                    status_code=found.status,
                    media_type=found.content_type,
                    headers={"Idempotent-Replayed": "true"},
                )
            case StillAtWork():
                raise ApiError(
                    409,
                    "idempotency_in_progress",
                    "The first call with this key has not ended.",
                    retry_after_s=1,
                )
            case KeyReused():
                raise ApiError(
                    422,
                    "idempotency_key_reused",
                    "This key was used for another call.",
                    errors=(FieldProblem(HEADER, "reused", "Use a new key for a new call."),),
                )
            case Claimed(creation_id=creation_id):
                return await self._carry_out(creation_id, produce, keeps_answer)

    async def _carry_out(
        self, creation_id: str, produce: Produce[Body], keeps_answer: bool
    ) -> Response[Body]:
        try:
            response = _created(await produce(creation_id))
        except BaseException:
            await self._keys.release(creation_id, LONG_AGO)
            raise
        kept: Any = response.content if keeps_answer else None
        await self._keys.complete(
            creation_id, response.status_code or 201, MediaType.JSON, kept, self._clock.now()
        )
        return response

    def _key_of(self, request: Request[Any, Any, Any], account_id: str | None) -> str | None:
        key = request.headers.get(HEADER)
        if key is None:
            return None
        if not key or len(key) > KEY_CHARACTERS_MAX or not key.isprintable():
            raise ApiError(
                400,
                "invalid_idempotency_key",
                f"An idempotency key has 1 to {KEY_CHARACTERS_MAX} printable characters.",
            )
        if account_id is not None:
            return key
        if len(key) < ANONYMOUS_KEY_CHARACTERS_MIN:
            return None
        address = request.client.host if request.client else ""
        return hmac.new(self._hash_key, f"{address} {key}".encode(), "sha256").hexdigest()


def _created(body: Body) -> Response[Body]:
    return Response(
        msgspec.json.encode(body),  # type: ignore[arg-type]
        status_code=201,
        media_type=MediaType.JSON,
    )
