"""The word lists that Setroom ships."""
