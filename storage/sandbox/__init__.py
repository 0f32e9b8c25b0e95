"""The sandbox carrier's phones, texts and mail in PostgreSQL."""
