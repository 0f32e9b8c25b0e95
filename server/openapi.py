"""What the framework does not write into the OpenAPI document by itself: how calls are signed,
and that whatever is refused is refused by a problem (RFC 9457)."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin

from server.problems import MEDIA_TYPE, Problem
from server.security.authentication import COOKIE

Document = dict[str, Any]

_REF = "#/components/schemas/{name}"
_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
_FRAMEWORKS_OWN = "400"
"""The framework documents its own errors, which `server.problems` turns into ours."""

_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FILES: dict[tuple[str, str], tuple[str, ...]] = {
    ("get", "/api/shows/{show_id}/qr"): ("image/png", "image/svg+xml"),
    ("get", "/api/shows/{show_id}/poster"): ("application/pdf",),
    ("get", "/api/shows/{show_id}/setlist"): ("application/json", "text/csv", "text/plain"),
    ("get", "/api/shows/{show_id}/report"): ("text/csv", _SPREADSHEET),
    ("get", "/api/shows/{show_id}/results"): ("application/json", "text/csv"),
    ("get", "/api/shows/{show_id}/timeline"): ("application/json", "text/csv"),
    ("get", "/api/shows/{show_id}/analytics"): ("application/json", "text/event-stream"),
    ("get", "/api/shows/{show_id}/stream"): ("text/event-stream",),
    ("post", "/webhooks/twilio/sms"): ("application/xml",),
}
"""Answers that are, or on demand may be, something else than JSON."""


class JsonDocument(JsonRenderPlugin):
    """The document as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Document) -> bytes:
        """The completed document."""
        return super().render(request, completed(openapi_schema))


class YamlDocument(YamlRenderPlugin):
    """The document as YAML."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Document) -> bytes:
        """The completed document."""
        return super().render(request, completed(openapi_schema))


def completed(document: Document) -> Document:
    """The framework's document with everything that clients meet; the given one is not changed."""
    _, problems = msgspec.json.schema_components((Problem,), ref_template=_REF)
    components = document.get("components", {})
    paths: Document = document.get("paths", {})
    whole: Document = document | {
        "components": components
        | {
            "schemas": components.get("schemas", {}) | problems,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
        # Whoever calls without either is answered what nobody in particular may know.
        "security": [{}, {"bearer": []}, {"session": []}],
        "paths": {path: _answers(path, item) for path, item in paths.items()},
    }
    plain: Document = _plainly(whole)
    return plain


def _answers(path: str, item: Document) -> Document:
    return {
        name: _with_problems(part, _FILES.get((name, path), ())) if name in _METHODS else part
        for name, part in item.items()
    }


def _with_problems(operation: Document, files: tuple[str, ...]) -> Document:
    kept = {
        status: _answer(status, answer, files)
        for status, answer in operation.get("responses", {}).items()
        if status != _FRAMEWORKS_OWN
    }
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}}}
    return operation | {
        "responses": kept
        | {
            "4XX": problem | {"description": "Refused; `code` says why."},
            "503": problem | {"description": "Not now; `retry_after_s` says when."},
        }
    }


def _answer(status: str, answer: Document, files: tuple[str, ...]) -> Document:
    if status == "204":
        return {name: part for name, part in answer.items() if name != "content"}
    if not files:
        return answer
    said = answer.get("content", {})
    return answer | {"content": {name: said.get(name, {}) for name in files}}


def _plainly(part: Any) -> Any:
    """Unions as they are meant: Python's are "any of", not "exactly one of"; and a tuple of any
    length, which the framework takes for one of its item's type or of nothing known."""
    if isinstance(part, list):
        return [_plainly(one) for one in part]
    if not isinstance(part, dict):
        return part
    choices = part.get("oneOf")
    if choices is None:
        return {name: _plainly(one) for name, one in part.items()}
    known = [_plainly(one) for one in choices if one]
    rest = {name: _plainly(one) for name, one in part.items() if name != "oneOf"}
    return rest | (known[0] if len(known) == 1 else {"anyOf": known})
