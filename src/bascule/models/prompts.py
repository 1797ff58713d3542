"""Prompts: files with a version, so that it can be said of every answer what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told to do."""

    name: str
    version: int
    text: str

    @property
    def label(self) -> str:
        """Its name and version, as it is logged."""
        return f"{self.name}-{self.version}"


@cache
def load(name: str) -> Prompt:
    """The newest version of a prompt. KeyError if there is none of that name."""
    found: dict[int, str] = {}
    for file in (resources.files("bascule.models") / "prompts").iterdir():
        stem, _, version = file.name.removesuffix(".txt").rpartition("-")
        if stem == name and version.isdecimal():
            found[int(version)] = file.read_text("utf-8").strip()
    if not found:
        raise KeyError(name)
    return Prompt(name, max(found), found[max(found)])


def enclosed(data: str) -> str:
    """Material from strangers, marked as such; it cannot end the marks itself."""
    return f"<data>\n{data.replace('</data>', '')}\n</data>"
