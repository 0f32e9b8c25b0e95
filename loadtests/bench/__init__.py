"""Measurements of a whole server from outside, for ``make bench`` and docs/benchmarks.md."""
