"""The sandbox carrier: simulated phones and their texts, where no real carrier is configured."""
