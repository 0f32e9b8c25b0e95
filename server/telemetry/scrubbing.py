"""What is taken out of everything that leaves the deployment for an error tracker.

Stricter than for our own logs: there, fields of forbidden names are struck out and errors of the
database lose what they quote (`server.logging`); here, text also loses whatever looks like an
address, a number, a token or a query, and an exception's own words stay only where its class is
known to say nothing of anybody.
"""

from __future__ import annotations

import re
from typing import Any, Final

from server.struck_out import STRUCK_OUT

GONE: Final = "[struck out]"
TEXT_CHARACTERS_MAX: Final = 500

_PATTERNS: Final = (
    re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+"),
    re.compile(r"\b[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}\b"),  # a signed token
    re.compile(
        r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?![0-9a-f]{8}(-[0-9a-f]{4}){3})[\w-]{20,}"
    ),
    re.compile(r"\+?\d[\d ().-]{6,}\d"),
    re.compile(r"\?[^\s\"'>]+"),
    re.compile(r"//[^/\s@]+@"),
)
"""In this order: mail addresses, signed tokens, other long words with digits that are no ids,
telephone numbers, queries, credentials in addresses. What comes before an ``@`` has a bound (RFC
5321 section 4.5.3.1.1): a run of letters without one would take the square of its length."""

_SPEAK_FOR_THEMSELVES: Final = (
    "OSError", "TimeoutError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
    "BrokenPipeError", "InterfaceError", "PostgresError", "RedisError", "ResponseError",
    "LogUnavailable", "OutcomeUnknown", "BrokenReplicaError", "ZeroDivisionError",
    "RecursionError", "MemoryError", "NotImplementedError",
)  # fmt: skip
"""Their words are the system's, the stores' or constants of ours."""

_NEVER: Final = STRUCK_OUT | {"path", "url", "title", "name", "display_name", "exc_info"}
"""Log fields that stay here. An address may hold an invitation's token."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def scrubbed(text: str) -> str:
    """A text without what looks like somebody's; ids of our own stay."""
    kept = _UUID.findall(text) and [match.group() for match in _UUID.finditer(text)]
    for place, one in enumerate(kept or ()):
        text = text.replace(one, f"\0{place}\0")
    for pattern in _PATTERNS:
        text = pattern.sub(GONE, text)
    for place, one in enumerate(kept or ()):
        text = text.replace(f"\0{place}\0", one)
    return text[:TEXT_CHARACTERS_MAX]


def fields_of(event: dict[str, Any]) -> dict[str, Any]:
    """A log line's keywords, as far as they may leave."""
    kept: dict[str, Any] = {}
    for name, value in event.items():
        if name in _NEVER:
            continue
        if value is None or isinstance(value, bool | int | float):
            kept[name] = value
        elif isinstance(value, str):
            kept[name] = scrubbed(value) if name != "error" or value.isidentifier() else GONE
        elif isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            kept[name] = [scrubbed(one) for one in value[:20]]
    return kept


def scrub_event(event: Any, hint: Any = None) -> Any:
    """``before_send``: goes over an event of the SDK, whoever made it."""
    del hint
    for one in (event.get("exception") or {}).get("values") or ():
        known = str(one.get("type") or "") in _SPEAK_FOR_THEMSELVES
        one["value"] = scrubbed(str(one.get("value") or "")) if known else GONE
        for frame in (one.get("stacktrace") or {}).get("frames") or ():
            frame.pop("vars", None)
    for name in ("request", "user", "breadcrumbs"):
        event.pop(name, None)
    if isinstance(event.get("message"), str):
        event["message"] = scrubbed(event["message"])
    if isinstance(event.get("extra"), dict):
        event["extra"] = fields_of(event["extra"])
    return event
