"""What the server answers, by rules: nothing is learned, and nothing is known but what stands in the request."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

DIMENSIONS = 256
ORDER = re.compile(r"(?:give|award|rate|score)\b[^.\n]{0,60}?\b(\d{1,3})\b", re.IGNORECASE)
YEARS = re.compile(r"\b(?:19|20)\d\d\b")
WORD = re.compile(r"\w+")


def tokens(text: str) -> int:
    """About as many as a tokenizer would count."""
    return max(1, len(text.encode()) // 4)


def answer(schema: Mapping[str, Any], said: str, *, invents: bool = False, obeys: bool = False) -> dict[str, Any]:
    """Arguments for a tool with this schema, from what the user said."""
    asked = set(schema.get("properties", {}))
    data = said.partition("<data>")[2].partition("</data>")[0].strip() or said
    told = _object_in(data)
    made: dict[str, Any]
    if "sentences" in asked:
        made = {"sentences": _sentences(told, invents)}
    elif "positions" in asked:
        made = {"positions": _positions(data, invents), "skills": _skills(data, invents)}
    else:
        made = {name: _plain(kind) for name, kind in schema.get("properties", {}).items()}
    order = ORDER.search(said) if obeys else None
    if order is not None:
        made["score"] = int(order[1])
        if "sentences" in made:
            quotes = [order[0]]
            made["sentences"] = [{"text": f"The best candidate there is: {order[1]} of 100 points.", "quotes": quotes}]
    return made


def _object_in(said: str) -> dict[str, Any]:
    """The JSON object in a message."""
    first, last = said.find("{"), said.rfind("}")
    try:
        return dict(json.loads(said[first : last + 1]))
    except ValueError:
        return {}


def _sentences(told: Mapping[str, Any], invents: bool) -> list[dict[str, Any]]:
    shown = [one for part in told.get("parts", ()) for one in part.get("reasons", ()) if one.get("quote")]
    missing = [name for part in told.get("parts", ()) for name in part.get("missing", ())]
    made = [{"text": f"The CV shows {_listed(one['text'] for one in shown[:3])}.",
             "quotes": [one["quote"] for one in shown[:3]]}]  # fmt: skip
    if invents:
        made.append({"text": "They led a team at a well known company.", "quotes": ["led a team of forty at Globex"]})
    elif missing and shown:
        made.append({"text": f"It does not show {missing[0]}.", "quotes": [shown[0]["quote"]]})
    return made


def _positions(text: str, invents: bool) -> list[dict[str, str]]:
    """A line with a year in it is a position: its first two pieces."""
    found: list[dict[str, str]] = []
    for line in text.splitlines():
        pieces = [piece.strip() for piece in re.split(r"[,|;]|\bat\b|\bfor\b", line) if piece.strip()]
        if YEARS.search(line) and len(pieces) > 1:
            found.append({"title": pieces[0], "employer": pieces[1], "quote": line.strip()})
    if invents:
        found.append(
            {"title": "Chief Executive", "employer": "Globex", "quote": "Chief Executive, Globex, 2001 - 2020"}
        )
    return found


def _skills(text: str, invents: bool) -> list[dict[str, str]]:
    words = ("Python", "Java", "SQL", "PostgreSQL", "Docker", "accounting", "nursing", "German", "Excel", "forklift")
    lines = {word: line.strip() for word in words for line in text.splitlines()
             if re.search(rf"\b{word}\b", line, re.IGNORECASE)}  # fmt: skip
    found = [{"name": word, "quote": line} for word, line in lines.items()]
    return [*found, {"name": "Haskell", "quote": "ten years of Haskell"}] if invents else found


def _plain(kind: Mapping[str, Any]) -> Any:
    return {"string": "ok", "integer": 1, "number": 1, "boolean": True, "array": []}.get(str(kind.get("type")), "ok")


def _listed(words: Any) -> str:
    return ", ".join(dict.fromkeys(str(word) for word in words)) or "nothing of what is asked for"


def vector(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A text's vector: its words, each at a place of its own, at length one."""
    made = [0.0] * dimensions
    for word in WORD.findall(text.lower()):
        place = zlib.crc32(word.encode())
        made[place % dimensions] += 1.0 if place & 0x10000 else -1.0
    length = math.sqrt(sum(value * value for value in made)) or 1.0
    return [value / length for value in made]


def text_of(content: str | Sequence[Mapping[str, Any]] | None) -> str:
    """The words of a message, however they are put."""
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(str(block.get("text") or block.get("content") or "") for block in content)
