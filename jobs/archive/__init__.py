"""Loading archives of past shows: the packaged ones, and files that somebody has."""
