"""Who is in the room: two dozen names, as people write them on a phone."""

FANS = (
    "Marlene",
    "Taper Dave",
    "june_b",
    "Row 14 Pete",
    "Ophelia",
    "Casey from Elmira",
    "big_tom",
    "Lucía",
    "Wharf Rat Rita",
    "Hank",
    "sunny",
    "Alvin K.",
    "Mo",
    "Delia G.",
    "two_ticket_tim",
    "Noor",
    "Stella",
    "Jedediah",
    "Birdie",
    "Annika",
    "the other Bob",
    "Ramona",
    "Frankie L.",
    "Kei",
)
"""Display names, one per simulated fan."""
