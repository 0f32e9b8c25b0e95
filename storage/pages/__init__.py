"""What the pages read besides rooms and shows."""
