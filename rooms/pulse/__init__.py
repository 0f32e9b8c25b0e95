"""How a room's heart beats, for whoever drives it: votes a second, doors, nodes."""
