"""What each type of mail consists of, in the reader's language."""
