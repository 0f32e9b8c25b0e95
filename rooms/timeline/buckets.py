"""A night cut into equal pieces, few enough to be drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

POINTS_MAX = 720
"""More than a plot has pixels on a phone: twelve hours by the minute."""

STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
"""Lengths that people can read off; a head count is kept by the minute."""


class Buckets(Struct, frozen=True):
    """A span of time in pieces of ``bucket_s`` seconds, the last of them perhaps not over.

    Attributes:
        starts_at: a whole minute.
    """

    starts_at: datetime
    ends_at: datetime
    bucket_s: int

    @property
    def points(self) -> int:
        """How many pieces there are; at least one."""
        span_s = (self.ends_at - self.starts_at).total_seconds()
        return max(1, int(-(-span_s // self.bucket_s)))

    def place_of(self, at: datetime) -> int | None:
        """The piece that a moment lies in; ``None``: outside. The very end is in the last."""
        offset_s = (at - self.starts_at).total_seconds()
        if offset_s < 0 or at > self.ends_at:
            return None
        return min(int(offset_s // self.bucket_s), self.points - 1)

    def begins(self) -> list[datetime]:
        """When each piece begins."""
        return [self.starts_at + timedelta(seconds=n * self.bucket_s) for n in range(self.points)]

    def sums(self, counted: Iterable[tuple[int, int]]) -> list[int]:
        """One number a piece, of (piece, how many); what lies outside is left out."""
        sums = [0] * self.points
        for place, many in counted:
            if 0 <= place < len(sums):
                sums[place] += many
        return sums

    def peaks(self, known: Iterable[tuple[datetime, int]]) -> list[int]:
        """The highest number in each piece; 0 where nothing is known."""
        peaks = [0] * self.points
        for at, number in known:
            place = self.place_of(at)
            if place is not None:
                peaks[place] = max(peaks[place], number)
        return peaks


def buckets_of(starts_at: datetime, ends_at: datetime) -> Buckets:
    """The shortest pieces that are few enough; a night of more than a year is cut off."""
    starts_at = starts_at.replace(second=0, microsecond=0)
    ends_at = max(starts_at, ends_at)
    for bucket_s in STEPS_S:
        found = Buckets(starts_at, ends_at, bucket_s)
        if found.points <= POINTS_MAX:
            return found
    last = starts_at + timedelta(seconds=POINTS_MAX * STEPS_S[-1])
    return Buckets(starts_at, last, STEPS_S[-1])
