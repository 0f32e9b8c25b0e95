"""One contract for every door of a room: socket, event stream and long poll."""
