"""Shows, line-up, crew, attendees and tickets in PostgreSQL."""
