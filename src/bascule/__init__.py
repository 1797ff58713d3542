"""Bascule: keeps an applicant tracking system and the tools that help decide in step, both ways."""
