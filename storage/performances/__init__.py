"""What was played, in PostgreSQL: performances, reviews of songs, statistics."""
