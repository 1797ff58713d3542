"""Job titles as they would be written everywhere: without what is no part of a title, and spelt one way."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHORT: Mapping[str, str] = {
    "sr": "Senior", "snr": "Senior", "jr": "Junior", "jnr": "Junior", "eng": "Engineer", "engr": "Engineer",
    "dev": "Developer", "mgr": "Manager", "mngr": "Manager", "asst": "Assistant", "assoc": "Associate",
    "admin": "Administrator", "coord": "Coordinator", "dir": "Director", "exec": "Executive", "rep": "Representative",
    "spec": "Specialist", "tech": "Technician", "acct": "Account",
}  # fmt: skip
_GENDERS = re.compile(r"\(?\b(?:[mwfdx]\s*[/|]\s*){1,3}[mwfdx]\b\)?|\((?:all genders?|h/f|m/k|gn)\)", re.I)
_NUMBER = re.compile(r"[\[(#]?\b(?:req|requisition|job|jr|r|id)[\s#:_-]*\d{2,}\b[\])]?|#\d+|\[\d+\]|\(\d{3,}\)", re.I)
SMALL = frozenset({"of", "and", "the", "for", "in", "to", "at"})
CAPITALS = frozenset({"it", "hr", "vp", "qa", "ux", "ui", "pr", "ceo", "cfo", "cto"})


def tidy(title: str) -> str:
    """The title without requisition numbers and marks of gender, short words written out, shouting undone."""
    bare = _NUMBER.sub(" ", _GENDERS.sub(" ", title))
    bare = re.sub(r"\s+", " ", bare).strip(" -\u2013\u2014|,:/")
    shouting, whispering = bare.isupper() and len(bare) > 4, bare.islower()
    said = " ".join(_word(word, shouting, whispering) for word in bare.split(" "))
    return said or title.strip()


def _word(word: str, shouting: bool, whispering: bool) -> str:
    """Of what is shouted, words of up to three letters stay: IT, VP, R&D."""
    whole = SHORT.get(word.rstrip(".").casefold())
    if whole is not None:
        return whole
    if word.casefold() in SMALL:
        return word.casefold()
    if whispering:
        return word.upper() if word in CAPITALS else word.capitalize()
    return word.capitalize() if shouting and len(word) > 3 else word
