"""What a node says of itself at ``/schema``: so that a new call is held to the rules as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.wire.client import Caller, Json, new_id, ok

PART_OF_A_ROOM = "/api/shows/{show_id}"


class Call(NamedTuple):
    """One call of the API, without its host."""

    method: str
    template: str
    query: tuple[str, ...]
    takes_body: bool

    def path(self, **ids: str) -> str:
        """With these ids in their places; others get an id of nothing."""
        path = self.template
        for part in self.template.split("/"):
            if part.startswith("{"):
                name = part.strip("{}").partition(":")[0]
                path = path.replace(part, ids.get(name, new_id()))
        return path


def calls(anybody: Caller) -> list[Call]:
    """Every call under ``/api``."""
    paths: Json = ok(anybody.get("/schema/openapi.json"))["paths"]
    return sorted(_calls(paths))


def reads_of_a_show(anybody: Caller) -> list[Call]:
    """What can be read of a show, apart from the stream, which does not end."""
    return [
        call
        for call in calls(anybody)
        if call.method == "GET"
        and call.template.startswith(PART_OF_A_ROOM)
        and not call.template.endswith("/stream")
    ]


def _calls(paths: dict[str, dict[str, Any]]) -> Iterator[Call]:
    for template, methods in paths.items():
        if not template.startswith("/api/"):
            continue
        for method, operation in methods.items():
            parameters = operation.get("parameters", ())
            query = tuple(one["name"] for one in parameters if one["in"] == "query")
            yield Call(method.upper(), template, query, "requestBody" in operation)
