"""Visible text of an HTML page."""

import re

import lxml.etree as etree
from lxml import html

from .found import Found, UnreadableError

_BLOCK = frozenset(
    str.split("""p div section article header footer main aside nav ul ol li table tr h1 h2 h3 h4 h5 h6 br hr
    dl dt dd blockquote pre form
    figure address""")
)
_SKIP = frozenset(str.split("script style head noscript template svg iframe object embed"))
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)|"
    r"font-size\s*:\s*[0-2](?:\.\d+)?(?:px|pt)?\s*(?:;|$)|"
    r"(?<![\w-])color\s*:\s*(?:white|#fff\b|#ffffff|rgb\(\s*25[0-5]\s*,\s*25[0-5]\s*,\s*25[0-5]\s*\)|transparent)|"
    r"text-indent\s*:\s*-\d{3,}|"
    r"(?:left|top)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_GROUND = re.compile(r"background(?:-color)?\s*:", re.IGNORECASE)


def read(data: bytes) -> Found:
    """Read an HTML file. Raises UnreadableError when there is no text in it."""
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        tree = html.fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("The web page is empty or broken. Ask for a PDF or DOCX.") from error
    found = Found("")
    pieces: list[str] = []
    _walk(tree, pieces, found, 0, grounded=False)
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(pieces))
    found.text = re.sub(r"\n{3,}", "\n\n", text).strip()
    if not found.has_words() and not found.hidden:
        raise UnreadableError("The web page has no text. Ask for a PDF or DOCX.")
    return found


def _walk(node: html.HtmlElement, pieces: list[str], found: Found, depth: int, grounded: bool) -> None:
    if not isinstance(node.tag, str) or node.tag in _SKIP or depth > 200:
        return
    style = node.get("style", "")
    # White letters on a coloured ground are a design, not a trick.
    grounded = grounded or bool(_GROUND.search(style))
    hidden = _HIDDEN.search(style)
    if node.get("hidden") is not None or (hidden and not (grounded and "color" in hidden.group().lower())):
        found.hide("hidden text", "page", " ".join("".join(map(str, node.itertext())).split()))
        return
    if node.tag in _BLOCK:
        pieces.append("\n- " if node.tag == "li" else "\n")
    pieces.append(re.sub(r"\s+", " ", node.text or ""))
    for child in node:
        _walk(child, pieces, found, depth + 1, grounded)
        pieces.append(re.sub(r"\s+", " ", child.tail or ""))
    if node.tag in _BLOCK:
        pieces.append("\n")
    elif node.tag in {"td", "th"}:
        pieces.append("    ")
