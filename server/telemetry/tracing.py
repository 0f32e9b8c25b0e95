"""Traces: from a socket's frame, an HTTP call or a text through inbox, turn, commit and publication
to the fan-out on every node. Exported in batches by OTLP over HTTP.

What is traced is chosen where it comes in (``SETROOM_TRACE_SAMPLE``, or a sampled ``traceparent``),
and costs everything else a comparison. A trace says which show, which kinds of commands, and how
long: never who, and never what was said.

::

    frame | GET /api/… | POST /webhooks/twilio/sms      the door
      ├─ look up, claim, keep     of a text: who it is from, its way to its answer, the answer
      ├─ wait                     of a poll: until there was news, linked to the turn that it was
      ├─ inbox                    one per command: from its acceptance until its turn
      └─ turn                     others in the same turn are links
           ├─ commit              the call to PostgreSQL
           ├─ fan-out             until the last receiver of this node was written to
           └─ publish             its id travels with the publication
                └─ hear           on another node
                     └─ fan-out
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, Tracer

from rooms.commands import Envelope
from rooms.ports import Turn
from rooms.tracing import Sweeping
from server.telemetry.traceparent import read_traceparent, write_traceparent

FOLLOWED_MAX: Final = 1_000
"""Commands that wait in inboxes and are followed; beyond, the oldest is let go of."""

SHOWN_MAX: Final = 1_000
"""Rooms of which it is known what was shown last, for polls that wait there."""

LINKS_MAX: Final = 32
"""Other followed commands that a turn names."""

Key = tuple[str, str]
Attributes = Mapping[str, str | int]


class RoomTracing:
    """`rooms.tracing.Tracing` by OpenTelemetry.

    Args:
        tracer: whose sampler takes every root: what is no root of a trace is chosen at the doors.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._followed: dict[Key, tuple[Context, SpanContext, int]] = {}
        self._shown: dict[str, SpanContext] = {}

    def submitted(self, envelope: Envelope) -> None:
        """Follows the command if its door does."""
        span = trace.get_current_span()
        context = span.get_span_context()
        if not context.trace_flags.sampled:
            return
        if len(self._followed) >= FOLLOWED_MAX:
            del self._followed[next(iter(self._followed))]
        door = trace.set_span_in_context(span, Context())
        self._followed[_key(envelope)] = (door, context, time.time_ns())

    @contextmanager
    def turn(self, show_id: str, batch: Sequence[Envelope]) -> Iterator[None]:
        """A span under the first followed command of the batch, linked to the others."""
        if not self._followed:
            yield
            return
        now, found = time.time_ns(), []
        for envelope in batch:
            followed = self._followed.pop(_key(envelope), None)
            if followed is not None:
                door, context, began = followed
                command = {"setroom.command": type(envelope.command).__name__}
                waited = self._tracer.start_span(
                    "inbox", door, attributes=command, start_time=began
                )
                waited.end(now)
                found.append((door, context))
        if not found:
            yield
            return
        links = [Link(context) for _, context in found[1 : LINKS_MAX + 1]]
        what: Attributes = {"setroom.show_id": show_id, "setroom.commands": len(batch)}
        with self._span("turn", found[0][0], what, links=links):
            yield

    def carried(self) -> str | None:
        """The ``traceparent`` of the turn's publication."""
        if not _is_followed():
            return None
        published = self._tracer.start_span("publish", kind=SpanKind.PRODUCER)
        published.end()
        return write_traceparent(published.get_span_context())

    @contextmanager
    def heard(self, show_id: str, trace: str) -> Iterator[None]:
        """A span under the publication of another node."""
        parent = read_traceparent(trace)
        if parent is None or not parent.trace_flags.sampled:
            yield
            return
        what = {"setroom.show_id": show_id}
        with self._span("hear", _under(parent), what, kind=SpanKind.CONSUMER):
            yield

    def showing(self, show_id: str, events: int, hub: Sweeping) -> None:
        """A span until the hub has written what it was told."""
        if not _is_followed():
            return
        what: Attributes = {"setroom.show_id": show_id, "setroom.events": events}
        span = self._tracer.start_span("fan-out", attributes=what)
        self._shown.pop(show_id, None)
        if len(self._shown) >= SHOWN_MAX:
            del self._shown[next(iter(self._shown))]
        self._shown[show_id] = span.get_span_context()
        hub.after_sweep(span.end)

    @contextmanager
    def commit(self, turn: Turn) -> Iterator[Callable[[object], None]]:
        """A span around a turn's way to durability; its value is told the outcome."""
        if not _is_followed():
            yield _nobody
            return
        what: Attributes = {
            "db.system.name": "postgresql",
            "db.operation.name": "append_turn",
            "setroom.events": len(turn.events),
            "setroom.ballots": len(turn.ballots),
        }
        with self._span("commit", None, what, kind=SpanKind.CLIENT) as span:
            yield lambda outcome: span.set_attribute("setroom.outcome", type(outcome).__name__)

    @contextmanager
    def waiting(self, show_id: str) -> Iterator[None]:
        """A span around a poll's wait, linked to what was shown in it, if that is followed."""
        if not _is_followed():
            yield
            return
        before = self._shown.get(show_id)
        with self._span("wait", None, {"setroom.show_id": show_id}) as span:
            try:
                yield
            finally:
                shown = self._shown.get(show_id)
                if shown is not None and shown is not before:
                    span.add_link(shown)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A span around a call to PostgreSQL that is no turn."""
        if not _is_followed():
            yield
            return
        what: Attributes = {"db.system.name": "postgresql", "db.operation.name": name}
        with self._span(name, None, what, kind=SpanKind.CLIENT):
            yield

    def frame(self) -> Any:
        """A context manager around one frame of a socket that was chosen."""
        return self._span("frame", Context(), {"setroom.door": "socket"}, kind=SpanKind.SERVER)

    @contextmanager
    def _span(
        self,
        name: str,
        context: Context | None,
        attributes: Attributes,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        links: Sequence[Link] = (),
    ) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            context,
            kind=kind,
            attributes=attributes,
            links=links,
            # What an exception says may be what somebody wrote.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise


def _is_followed() -> bool:
    return trace.get_current_span().get_span_context().trace_flags.sampled


def _under(parent: SpanContext) -> Context:
    return trace.set_span_in_context(trace.NonRecordingSpan(parent), Context())


def _key(envelope: Envelope) -> Key:
    return (envelope.participant.participant_id, envelope.command_id)


def _nobody(outcome: object) -> None:
    """Nobody wants to know."""
