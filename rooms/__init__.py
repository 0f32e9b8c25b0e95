"""What happens in a show's room: commands, decisions, events, actors. No I/O, only ports."""
