"""A real night replayed by simulated fans over real sockets, so that a newcomer finds it alive."""
