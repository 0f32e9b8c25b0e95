"""What upkeep asks of PostgreSQL."""
