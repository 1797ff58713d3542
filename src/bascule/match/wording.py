"""How numbers of things are said to people."""


def counted(number: float, noun: str) -> str:
    """A number with its noun: 1 year, 2.5 years, 1,200 pages."""
    return f"{number:,g} {noun}" if number == 1 else f"{number:,g} {noun}s"
