"""Odoo's values as ours: empty is false there, times are naive, a reference is an id with a name."""

from __future__ import annotations

import re
from html import unescape

from bascule.connectors.lens import freeze
from bascule.model import Json, Value


def value(raw: Json) -> Value:
    """Empty is false there, whatever the type."""
    return None if raw is False else freeze(raw)


def ref(raw: Json) -> str | None:
    """What a many2one points to: [id, name], an id alone in some answers, false."""
    first = raw[0] if isinstance(raw, list) and raw else raw
    return str(first) if isinstance(first, int) and not isinstance(first, bool) else None


def label(raw: Json) -> str | None:
    return str(raw[1]) if isinstance(raw, list) and len(raw) > 1 else None


def moment(raw: Json) -> str | None:
    """Times are naive and UTC."""
    return f"{raw.replace(' ', 'T')}Z" if isinstance(raw, str) and raw else None


def values(raw: Json, *names: str) -> dict[str, Value]:
    return {name: value(raw[name]) for name in names if name in raw}


def refs(raw: Json, *names: str) -> dict[str, Value]:
    return {name: ref(raw[name]) for name in names if name in raw}


def moments(raw: Json, *names: str) -> dict[str, Value]:
    return {name: moment(raw[name]) for name in names if name in raw}


def text(html: Json) -> str:
    """The text of rich text, line by line."""
    broken = re.sub(r"<br\s*/?>|</(?:p|li|div|h\d|tr|blockquote)>", "\n", str(html or ""))
    plain = unescape(re.sub(r"<[^>]+>", "", broken)).replace("\xa0", " ")
    return re.sub(r"\n{3,}", "\n\n", plain).strip()
