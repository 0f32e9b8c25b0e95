"""What each stage of a vote, a chat line and an edit costs a node."""
