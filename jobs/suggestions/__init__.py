"""Training, shipping and measuring the suggestions of ``rooms.suggestions``."""
