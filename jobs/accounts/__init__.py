"""What has to be done about people beyond the call that asked for it."""
