"""The doors of a room without a socket: event stream, long poll and commands by ``POST``."""
