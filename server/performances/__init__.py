"""What was played, songs with their past, and the questions about them."""
