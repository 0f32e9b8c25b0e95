"""Chat that crew looks at: words that are held, lines that are reported, people who are muted."""
