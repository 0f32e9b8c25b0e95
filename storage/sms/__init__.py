"""Phones: what they text, and whose they are."""
