"""Many people wish for songs at once, over two nodes; judged by what clients see and by SQL."""
