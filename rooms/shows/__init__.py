"""Shows, their line-up, crew and attendees, as records and ports; no I/O."""
