"""What is wrong with a body, field by field.

msgspec stops at the first problem. For people who fill in a form, `struct_problems` goes through
a struct's fields one by one and reports all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from litestar import Request
from litestar.enums import ParamType
from litestar.utils.scope.state import ScopeState
from msgspec import Struct

PROBLEMS_MAX = 50
"""Problems reported for one body; a bomb of bad fields is not echoed in full."""

_AT_PATH = re.compile(r" - at `\$(.*)`$")


class FieldProblem(Struct, frozen=True):
    """One field that cannot be used. ``field`` is a path such as ``config.options[1].label``."""

    field: str
    code: str
    detail: str


def body_problems(request: Request[Any, Any, Any], extra: Any) -> tuple[FieldProblem, ...]:
    """All problems of a call whose validation failed.

    Args:
        extra: what the framework found: the first problem of each parameter.
    """
    signature = getattr(request.route_handler, "parsed_fn_signature", None)
    parameter = signature.parameters.get("data") if signature else None
    found = list(_of_parameters(extra, signature.parameters if signature else {}))
    if parameter is not None:
        # Error handlers cannot wait, and need not: the body has been read by now.
        body = ScopeState.from_scope(request.scope).body
        try:
            raw = msgspec.json.decode(body) if isinstance(body, bytes) and body else None
        except (msgspec.DecodeError, RecursionError):
            raw = None
        in_body = list(struct_problems(parameter.annotation, raw))
        if in_body:
            found = in_body
    return tuple(found[:PROBLEMS_MAX])


def names_nothing(extra: Any) -> bool:
    """Whether it is the address that cannot be read: an id in it that is no id."""
    return isinstance(extra, list) and any(
        isinstance(item, dict) and item.get("source") == ParamType.PATH for item in extra
    )


def struct_problems(kind: Any, raw: Any, path: str = "") -> Iterator[FieldProblem]:
    """The problems of one decoded JSON value against a type, at most one per field."""
    struct = _struct_in(kind)
    if struct is None or not isinstance(raw, dict):
        yield from list(_of_items(kind, raw, path)) or _of_value(kind, raw, path)
        return
    for field in msgspec.structs.fields(struct):
        name = f"{path}.{field.encode_name}" if path else field.encode_name
        if field.encode_name in raw:
            yield from struct_problems(field.type, raw[field.encode_name], name)
        elif field.required:
            yield FieldProblem(name, "missing", "This field is required.")


def _of_items(kind: Any, raw: Any, path: str) -> Iterator[FieldProblem]:
    """The problems of the structs in a list; nothing where it is a list of something else."""
    item = _struct_in_items(kind)
    if item is not None and isinstance(raw, list):
        for index, value in enumerate(raw[:PROBLEMS_MAX]):
            yield from struct_problems(item, value, f"{path}[{index}]")


def _of_value(kind: Any, raw: Any, path: str) -> Iterator[FieldProblem]:
    try:
        msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        message = str(error)
        inner = _AT_PATH.search(message)
        where = path + (inner.group(1) if inner else "")
        yield FieldProblem(where.lstrip("."), "invalid", _AT_PATH.sub("", message) + ".")


def _of_parameters(extra: Any, parameters: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for item in extra if isinstance(extra, list) else ():
        if isinstance(item, dict):
            key, message = str(item.get("key", "")), str(item.get("message", "Not valid"))
            declared = getattr(parameters.get(key), "kwarg_definition", None)
            name = getattr(declared, "name", None) or getattr(declared, "query", None) or key
            yield FieldProblem(name, "invalid", message.rstrip(".") + ".")


def _struct_in(kind: Any) -> type[Struct] | None:
    """The struct that a field's type is, alone or beside None or with metadata."""
    if isinstance(kind, type):
        return kind if issubclass(kind, Struct) else None
    if get_origin(kind) not in (Annotated, Union, UnionType):
        return None
    rest = [inner for inner in get_args(kind) if inner is not type(None)]
    if get_origin(kind) is Annotated:
        rest = rest[:1]
    return _struct_in(rest[0]) if len(rest) == 1 else None


def _struct_in_items(kind: Any) -> type[Struct] | None:
    """The struct that a ``tuple[…, ...]`` or ``list[…]`` field holds."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return _struct_in(get_args(kind)[0]) if get_origin(kind) in (tuple, list) else None
