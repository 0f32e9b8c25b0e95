"""Circles on the ground and the boxes around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.catalogue.distances import Near, box_around, distance_km


def test_known_distances() -> None:
    assert distance_km(52.52, 13.40, 48.85, 2.35) == pytest.approx(878, abs=3)
    assert distance_km(0, 0, 0, 0) == 0
    assert distance_km(0, 179.9, 0, -179.9) == pytest.approx(22.2, abs=0.2)


@given(
    st.floats(-89.9, 89.9),
    st.floats(-180, 180),
    st.floats(1, 1000),
    st.floats(-90, 90),
    st.floats(-180, 180),
)
def test_what_is_in_the_circle_is_in_the_box(
    lat: float, lon: float, radius_km: float, other_lat: float, other_lon: float
) -> None:
    if distance_km(lat, lon, other_lat, other_lon) > radius_km:
        return
    box = box_around(Near(lat, lon, radius_km))
    assert box.south - 1e-6 <= other_lat <= box.north + 1e-6
    if box.west <= box.east:
        inside = box.west - 1e-6 <= other_lon <= box.east + 1e-6
    else:
        inside = other_lon >= box.west - 1e-6 or other_lon <= box.east + 1e-6
    assert inside or box.east - box.west >= 360
