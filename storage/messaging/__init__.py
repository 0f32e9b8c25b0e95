"""Messages in PostgreSQL: their queue, their broadcasts, whom they go to, and a number's pace."""
