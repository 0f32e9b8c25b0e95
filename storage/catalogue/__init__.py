"""The catalogue in PostgreSQL: archives of past shows."""
