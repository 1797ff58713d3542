"""What follows from what was read: scores, and people who decide."""
