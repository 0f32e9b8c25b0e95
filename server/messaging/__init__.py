"""Messages to people who are not in the room: the carrier's doors, broadcasts, their lists."""
