"""What one delivered message costs the server, beside a bare loop of ``socket.send``."""
