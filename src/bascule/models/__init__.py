"""Models of others behind one door: what a workspace has chosen, the rules for what may leave, and what holds of an
answer. `door.Models` is the door; nothing else asks a model."""
