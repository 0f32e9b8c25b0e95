"""People: accounts, guests and their sessions, as records and ports; no I/O."""
