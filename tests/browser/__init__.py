"""Tests as a person would: a real node, a real Chromium."""
