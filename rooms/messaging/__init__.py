"""Messages sent to attendees outside the room: their kinds, life, audience and time of day."""
