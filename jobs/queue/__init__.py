"""Jobs on Redis streams: sent, taken by priority, tried again, set aside."""
