"""A carrier and its phones: thousands of people who vote by text."""
