"""Keeping the catalogue in shape: where venues are."""
