"""Mail in PostgreSQL: who wants what, what waits for a digest, what bounced, and where from."""
