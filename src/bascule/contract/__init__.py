"""What every connector promises, as tests that its own package runs too. They need `bascule[contract]`."""
