"""Dead letters in PostgreSQL, queues in Redis."""
