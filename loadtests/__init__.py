"""Load generator, scenarios, fault injection and the demo fans. Knows only the wire."""
