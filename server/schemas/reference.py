"""The tables of ``docs/protocol.md`` that are written from the structs.

A generated part stands between ``<!-- generated: name -->`` and ``<!-- end -->``; everything
else in the file is written by people and left alone.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import inspect

from rooms import limits
from rooms.participants import PERMISSIONS
from server.schemas.vocabulary import COMMANDS, EVENTS, STATES, close_codes, first_line

PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


class UnknownPart(Exception):
    """The file asks for a generated part that does not exist."""


def fill(text: str) -> str:
    """The same text with its generated parts written anew.

    Raises:
        UnknownPart: a marker names no part.
    """
    parts = {
        "commands": _commands(),
        "events": _payloads(EVENTS),
        "states": _payloads(STATES),
        "close_codes": _close_codes(),
        "limits": _limits(),
    }

    def replaced(match: re.Match[str]) -> str:
        name = match[2]
        if name not in parts:
            raise UnknownPart(name)
        return f"{match[1]}{parts[name]}\n{match[3]}"

    return PART.sub(replaced, text)


def _commands() -> str:
    lines = ["| command | args | what it does | who may |", "|---|---|---|---|"]
    for name, kind in COMMANDS.items():
        roles = [role.value for role, names in PERMISSIONS.items() if name in names]
        lines.append(f"| `{name}` | {_fields(kind)} | {_text(kind)} | {', '.join(roles)} |")
    return "\n".join(lines)


def _payloads(names: dict[str, Any]) -> str:
    lines = ["| name | data | |", "|---|---|---|"]
    lines += [f"| `{name}` | {_fields(kind)} | {_text(kind)} |" for name, kind in names.items()]
    return "\n".join(lines)


def _close_codes() -> str:
    lines = ["| code | name |", "|---|---|"]
    lines += [f"| {code} | `{name}` |" for name, code in close_codes().items()]
    return "\n".join(lines)


def _limits() -> str:
    lines = ["| limit | value |", "|---|---|"]
    for name, value in vars(limits).items():
        if name.isupper() and isinstance(value, int | float):
            lines.append(f"| `{name.lower()}` | {value:,} |")
    return "\n".join(lines)


def _text(kind: type) -> str:
    text = re.sub(r"^``\w+``( data)?[:.]?\s*", "", first_line(kind))
    return text.replace("``", "`").replace("|", "\\|")


def _fields(kind: type) -> str:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    marks = [
        f"`{field.encode_name}{'' if field.required else '?'}`: {_kind(field.type)}"
        for field in info.fields
    ]
    return ", ".join(marks) or "none"


def _kind(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata(type=inner):
            return _kind(inner)
        case inspect.StructType(cls=cls):
            return str(cls.__name__)
        case inspect.EnumType(cls=cls):
            return " \\| ".join(str(member.value) for member in cls)
        case inspect.UnionType(types=types):
            return " or ".join(_kind(part) for part in types)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return f"list of {_kind(item)}"
        case inspect.DictType(key_type=key, value_type=value):
            return f"{_kind(key)} → {_kind(value)}"
        case inspect.DateTimeType():
            return "time"
        case inspect.BoolType():
            return "boolean"
        case inspect.IntType():
            return "integer"
        case inspect.FloatType():
            return "number"
        case inspect.StrType():
            return "string"
        case inspect.NoneType():
            return "null"
    return "any"
