"""Queues and dead letters, for admins."""
