"""TypeScript types of everything on the wire, written from the structs.

A field is optional in TypeScript where it may be absent from the JSON: in what the server sends
that is a default that is left out (``omit_defaults``, or ``UNSET``); in what the client sends it is
any field with a default.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec import NODEFAULT, inspect

from rooms.messages import PROTOCOL_VERSION, SUBPROTOCOL
from rooms.states import REACTIONS
from server.schemas.vocabulary import (
    COMMANDS,
    EVENTS,
    PARTS,
    PLAIN_MESSAGES,
    STATES,
    close_codes,
    first_line,
)

HEADER = """\
// Generated from the server's structs by `python -m server.schemas --write`. Do not edit.

/** RFC 3339, UTC. */
export type Timestamp = string;
"""


def render() -> str:
    """The whole module ``clients/shared/src/wire.ts``."""
    writer = Writer()
    for kind in (*PARTS, *PLAIN_MESSAGES, *EVENTS.values(), *STATES.values()):
        writer.add(kind)
    parts = [HEADER, _constants(), *writer.declarations()]
    parts += [_commands(writer), _messages()]
    return "\n".join(parts)


class Writer:
    """Collects structs and enums by name, in the order in which they were met."""

    def __init__(self) -> None:
        self._done: dict[str, str] = {}

    def declarations(self) -> Iterable[str]:
        """All declarations, in the order in which they were met."""
        return self._done.values()

    def names(self) -> tuple[str, ...]:
        """Everything that is declared or known."""
        return tuple(self._done)

    def declaration(self, name: str) -> str:
        """One declaration."""
        return self._done[name]

    def know(self, name: str) -> None:
        """A type that is declared by hand: referred to, never written."""
        self._done[name] = ""

    def add(self, kind: type) -> str:
        """Declares a struct and what it refers to; returns its TypeScript name."""
        return self.type_of(inspect.type_info(kind))

    def struct_body(self, info: inspect.StructType, *, sent_by_client: bool) -> str:
        """The members of an object type."""
        omits = info.cls.__struct_config__.omit_defaults or sent_by_client
        lines = []
        if info.tag is not None and not sent_by_client:
            lines.append(f"  {info.tag_field}: {json.dumps(info.tag)};")
        for field in info.fields:
            # What is by default ``UNSET`` is shown as having no default at all.
            unset = field.default is NODEFAULT and field.default_factory is NODEFAULT
            mark = "?" if not field.required and (omits or unset) else ""
            lines.append(f"  {field.encode_name}{mark}: {self.type_of(field.type)};")
        return "{\n" + "\n".join(lines) + "\n}" if lines else "Record<string, never>"

    def type_of(self, info: inspect.Type) -> str:
        """The TypeScript expression of a type."""
        match info:
            case inspect.Metadata(type=inner):
                return self.type_of(inner)
            case inspect.StructType():
                return self._struct(info)
            case inspect.EnumType(cls=cls):
                return self._enum(cls)
            case inspect.UnionType(types=types):
                return " | ".join(dict.fromkeys(self.type_of(part) for part in types))
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
                name = self.type_of(item)
                return f"readonly {name}[]" if " " not in name else f"readonly ({name})[]"
            case inspect.DictType(key_type=key, value_type=value):
                return f"Readonly<Record<{self.type_of(key)}, {self.type_of(value)}>>"
            case inspect.DateTimeType():
                return "Timestamp"
            case inspect.BoolType():
                return "boolean"
            case inspect.IntType() | inspect.FloatType():
                return "number"
            case inspect.StrType() | inspect.UUIDType():
                return "string"
            case inspect.LiteralType(values=values):
                return " | ".join(json.dumps(value) for value in values)
            case inspect.NoneType():
                return "null"
            case inspect.AnyType() | inspect.RawType():
                return "unknown"
        raise TypeError(f"no TypeScript for {info!r}")

    def _struct(self, info: inspect.StructType) -> str:
        name = info.cls.__name__
        if name not in self._done:
            self._done[name] = ""
            body = self.struct_body(info, sent_by_client=False)
            comment = f"/** {first_line(info.cls)} */\n"
            self._done[name] = (
                f"{comment}export type {name} = {body};\n"
                if body.startswith("Record")
                else f"{comment}export interface {name} {body}\n"
            )
        return name

    def _enum(self, cls: type[Any]) -> str:
        name: str = cls.__name__
        if name not in self._done:
            values = " | ".join(json.dumps(member.value) for member in cls)
            self._done[name] = f"/** {first_line(cls)} */\nexport type {name} = {values};\n"
        return name


def _constants() -> str:
    codes = "".join(f"  {name}: {code},\n" for name, code in close_codes().items())
    return (
        f"export const SUBPROTOCOL = {json.dumps(SUBPROTOCOL)};\n"
        f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};\n"
        f"export const REACTIONS = {json.dumps(list(REACTIONS))} as const;\n"
        f"export const CLOSE_CODES = {{\n{codes}}} as const;\n"
    )


def _commands(writer: Writer) -> str:
    before = list(writer.declarations())
    lines = ["/** Arguments of every command, by its name. */", "export interface CommandArgs {"]
    for name, kind in COMMANDS.items():
        info = inspect.type_info(kind)
        assert isinstance(info, inspect.StructType)
        body = writer.struct_body(info, sent_by_client=True).replace("\n  ", " ").replace("\n", " ")
        lines.append(f"  /** {first_line(kind)} */\n  {name}: {body};")
    lines.append("}\n")
    late = [text for text in writer.declarations() if text not in before]
    return "\n".join([*late, *lines])


def _messages() -> str:
    def cases(names: dict[str, Any]) -> str:
        return "".join(f"  {name}: {kind.__name__};\n" for name, kind in names.items())

    plain = " | ".join(kind.__name__ for kind in PLAIN_MESSAGES)
    return f"""\
export type CommandName = keyof CommandArgs;

/** Client → server. */
export interface CommandMessage<Name extends CommandName = CommandName> {{
  t: "command";
  command_id: string;
  name: Name;
  args: CommandArgs[Name];
}}

/** Payload of every log event, by its name. */
export interface EventData {{
{cases(EVENTS)}}}

export type EventName = keyof EventData;

/** One log event as one audience gets it. */
export type EventMessage = {{
  [Name in EventName]: {{
    t: "event"; seq: number; name: Name; at: Timestamp; data: EventData[Name];
  }};
}}[EventName];

/** Payload of every state, by its name. */
export interface StateData {{
{cases(STATES)}}}

export type StateName = keyof StateData;

/** The latest value of one state. */
export type StateMessage = {{
  [Name in StateName]: {{ t: "state"; name: Name; version: number; data: StateData[Name] }};
}}[StateName];

interface WelcomeBase {{
  t: "welcome";
  protocol: number;
  show_id: string;
  epoch: string;
  seq: number;
  you: You;
}}

/** The first message of a socket. */
export type Welcome = WelcomeBase &
  (
    | {{ recovered: true; state: Record<string, never> }}
    | {{ recovered: false; state: RoomSnapshot }}
  );

/** Server → client. */
export type ServerMessage = Welcome | EventMessage | StateMessage | {plain};
"""
