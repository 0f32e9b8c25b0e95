"""From what a room says to bytes at its receivers: encoded once, written once per loop turn."""
