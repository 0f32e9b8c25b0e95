"""Nights by the minute."""
