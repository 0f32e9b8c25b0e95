"""A night as it went: how much happened, and when."""
