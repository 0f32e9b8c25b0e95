"""Whether a process traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.settings import Settings

if TYPE_CHECKING:
    from server.telemetry.exporting import Traces


def traces_of(settings: Settings) -> Traces | None:
    """Its traces; ``None`` without ``SETROOM_OTLP_URL``, and then OpenTelemetry is not imported."""
    if not settings.otlp_url:
        return None
    from server.telemetry.exporting import Traces

    return Traces(settings)
