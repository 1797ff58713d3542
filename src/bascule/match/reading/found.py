"""What a parser hands back, and why it may refuse."""

from dataclasses import dataclass, field
from itertools import islice

HIDDEN_KEPT = 400
"""Characters of hidden text kept as an excerpt; a person needs to see what it is, not all of it."""


class UnreadableError(Exception):
    """The file cannot be read. The message is for a recruiter: what is wrong and what to do."""


@dataclass
class Found:
    """The visible text, how many pages it had, and what was hidden or left out."""

    text: str
    pages: int = 1
    hidden: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """(what hid it, where, the text), one entry per kind and place."""
    notes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(kind, what) of anything else a person should know."""
    sureness: float = 1.0
    """0 to 1: how certainly the characters were read; less than 1 only where they were recognised in pictures."""
    scans: dict[int, bytes] = field(default_factory=dict[int, bytes])
    """Pictures of pages without text, by page; `texts` then holds the text of each page."""
    texts: list[str] = field(default_factory=list[str])

    def has_words(self) -> bool:
        """Whether there is any text to speak of: twenty letters or digits."""
        return len(list(islice(filter(str.isalnum, self.text), 20))) == 20

    def hide(self, what: str, where: str, text: str) -> None:
        """Keep hidden text apart, joined to the last of the same kind and place."""
        if not text.strip():
            return
        if self.hidden and self.hidden[-1][:2] == (what, where):
            text = f"{self.hidden.pop()[2]} {text.strip()}"
        self.hidden.append((what, where, text.strip()))
