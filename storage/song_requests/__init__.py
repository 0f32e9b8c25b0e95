"""What can be wished for."""
