"""Providers of people's data: what may be asked of whom, what leaves, for how much, and what came back."""
