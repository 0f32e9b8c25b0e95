"""Nights by the minute, for the crew."""
