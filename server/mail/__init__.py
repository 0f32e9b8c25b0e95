"""Mail at its doors: settings, links, unsubscribing, bounces, preferences."""
