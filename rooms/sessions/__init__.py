"""What a door needs to bring somebody into a room, whatever carries the messages."""
