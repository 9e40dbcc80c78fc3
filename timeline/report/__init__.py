"""Results for people: on a terminal, as figures, as documents."""
