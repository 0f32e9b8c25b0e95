"""Shows: their life, line-up, crew, and how people get in."""
