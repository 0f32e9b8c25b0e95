"""Who is calling, and what keeps calls honest: passwords, tokens, tickets, guards, headers."""
