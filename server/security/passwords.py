"""Passwords: Argon2id (RFC 9106), hashed in a small pool of threads.

A hash takes tens of milliseconds and 19 MiB. Threads keep it off the event loop (the C code lets
go of the GIL), their number bounds memory and CPU, and the bounded queue answers a flood of
logins with "try again" instead of letting rooms starve.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.problems import ApiError

CHARACTERS_MIN: Final = 8
CHARACTERS_MAX: Final = 200
THREADS: Final = 2
WAITING_MAX: Final = 200
"""Hashes waiting at once: about three seconds of work."""

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
"""With one lane: the OWASP Password Storage Cheat Sheet's first choice for Argon2id."""

COMMON = frozenset(
    """
    12345678 123456789 87654321 11111111 00000000 12341234 password password1 passw0rd p@ssw0rd
    qwertyui qwerty12 qwerty123 1q2w3e4r 1qaz2wsx q1w2e3r4 asdfghjk asdf1234 zxcvbnm1 abcd1234
    abcdefgh iloveyou sunshine football baseball basketball princess superman trustno1 starwars
    whatever computer internet liverpool letmein1 welcome1 changeme admin123 administrator
    1234567890 12345678910 0123456789 0987654321 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty12345
    qwerty123456 password12 password123 password1234 password12345 passw0rd123 passwordpassword
    iloveyou123 iloveyou12 letmein123 letmein1234 welcome123 welcome1234 admin12345 administrator
    abcdefghij abcdefghijkl abc1234567 abcd123456 aaaaaaaaaa 1111111111 0000000000 9999999999
    1212121212 1234512345 1029384756 zxcvbnm123 asdfghjkl1 asdfghjkl123 q1w2e3r4t5 q1w2e3r4t5y6
    superman123 sunshine123 football123 baseball123 princess123 monkey12345 dragon12345
    changeme123 trustno1234 starwars123 whatever123 computer123 internet123 liverpool1 manchester
    """.split()
)
"""Passwords of the permitted length that every guessing list begins with."""


def weakness(password: str, email: str) -> str | None:
    """Why a password cannot be taken, or ``None``.

    Length counts and nothing else is asked of its make-up (NIST SP 800-63B §3.1.1.2), but it must
    not be one that is tried first.
    """
    if len(password) < CHARACTERS_MIN:
        return f"A password has at least {CHARACTERS_MIN} characters."
    if len(password) > CHARACTERS_MAX:
        return f"A password has at most {CHARACTERS_MAX} characters."
    folded = password.casefold()
    if folded in COMMON or len(set(folded)) < 3:
        return "This password is one of the first that would be tried."
    if folded == email.casefold():
        return "The password must not be the e-mail address."
    return None


Result = TypeVar("Result")


class Passwords:
    """Hashes and verifies, `THREADS` at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(
            time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16
        )
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        # Verified in place of a hash that does not exist, so that both take as long.
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """The encoded hash to store.

        Raises:
            ApiError: ``busy``, too many are waiting already.
        """
        return await self._run(self._hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` belongs to ``stored``; as slow when there is none."""
        return await self._run(self._verify, stored, password)

    def needs_rehash(self, stored: str) -> bool:
        """Whether ``stored`` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Ends the threads; what is running finishes first."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _run(self, work: Callable[..., Result], *args: object) -> Result:
        if self._waiting >= WAITING_MAX:
            raise ApiError(503, "busy", "Many people sign in now. Try again.", retry_after_s=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_bounded(password))

    def _verify(self, stored: str | None, password: str) -> bool:
        if self._decoy is None:
            self._decoy = self._hasher.hash("nobody's password")
        try:
            return self._hasher.verify(stored or self._decoy, _bounded(password)) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def _bounded(password: str) -> bytes:
    """What is hashed: a digest, so that neither length nor characters matter to Argon2."""
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()
