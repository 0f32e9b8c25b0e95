"""What the comparison found, and its tables."""

from __future__ import annotations

from msgspec import Struct
from rich.table import Table

FEW = 8
"""Receivers of the small room whose lines cost the fixed price; as many as lines in flight."""


class Measured(Struct):
    """One row. CPU µs per line, one number per round; a line goes to ``receivers`` sockets.

    Attributes:
        receivers: sockets in the room.
        in_flight: lines at once.
        paced: 20 lines a second; otherwise as many as go through.
        bare: of the bare loop.
        transport: of ``transport.write`` alone.
        few: of the product with `FEW` receivers, on the same node.
        product: of the product.
        latencies_ms: p50 and p99 of a delivery, from the sender's write to the receiver's read.
        frame_bytes: size of the frame.
    """

    receivers: int
    in_flight: int
    paced: bool
    bare: list[float] = []
    transport: list[float] = []
    few: list[float] = []
    product: list[float] = []
    latencies_ms: tuple[float, float] = (0.0, 0.0)
    frame_bytes: int = 0

    @property
    def bare_us(self) -> float:
        """The bare loop, per delivery: the least of all rounds, as for all below."""
        return min(self.bare) / self.receivers

    @property
    def transport_us(self) -> float:
        """``transport.write`` alone, per delivery."""
        return min(self.transport) / self.receivers

    @property
    def total_us(self) -> float:
        """All CPU of the web node per delivery: decoding, turn, commit, log, upkeep."""
        return min(self.product) / self.receivers

    @property
    def fanout_us(self) -> float:
        """What each further receiver costs: the difference of a large and a small room."""
        return (min(self.product) - min(self.few)) / (self.receivers - FEW)

    @property
    def summary(self) -> str:
        """One line, for whoever waits."""
        way = "20/s" if self.paced else "saturated"
        return (
            f"{self.in_flight} in flight, {way}: bare {self.bare_us:.2f}, write alone "
            f"{self.transport_us:.2f}, fan-out {self.fanout_us:.2f} µs "
            f"({self.fanout_us / self.bare_us:.2f} × bare)"
        )


COLUMNS = (
    "receivers", "in flight", "", "bare loop", "write alone", "× bare", "fan-out", "× bare",
    "total", "× bare", "a line's fixed price", "p50 ms", "p99 ms",
)  # fmt: skip


def table(results: list[Measured], kind: str) -> Table:
    """All rows."""
    title = f"CPU µs per delivered message, least of all rounds; the bare loop is {kind}"
    made = Table(title=title)
    for name in COLUMNS:
        made.add_column(name, justify="right")
    for one in results:
        bare = one.bare_us
        p50, p99 = one.latencies_ms
        made.add_row(
            f"{one.receivers:,}",
            str(one.in_flight),
            "20/s" if one.paced else "saturated",
            f"{bare:.2f}",
            f"{one.transport_us:.2f}",
            f"{one.transport_us / bare:.2f}",
            f"{one.fanout_us:.2f}",
            f"{one.fanout_us / bare:.2f}",
            f"{one.total_us:.2f}",
            f"{one.total_us / bare:.2f}",
            f"{min(one.few):,.0f}",
            f"{p50:.1f}" if one.paced else "",
            f"{p99:.1f}" if one.paced else "",
        )
    return made
