"""Background work as those see it who run Setroom: its order, its tries, what could not be done."""
