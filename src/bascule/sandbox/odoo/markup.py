"""Rich text as Odoo keeps it: cleaned, closed, and in a paragraph if it is bare text."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "col", "wbr"})
DROPPED = frozenset({"script", "style", "iframe", "object", "embed", "meta", "link", "title", "head", "base", "form"})
BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section"}
)
ATTRIBUTES = frozenset({"href", "src", "alt", "title", "class", "style", "target", "rel", "colspan", "rowspan", "width",
                        "height", "summary", "name", "id", "data-oe-model", "data-oe-id"})  # fmt: skip


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []
        self.skipped = 0
        # Whether anything stands at the top that is not a block.
        self.bare = False
        self.top = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self.skipped += tag not in ("meta", "link", "base", "embed")
            return
        if self.skipped or tag in ("html", "body"):
            return
        self._top(tag in BLOCKS)
        kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if _harmless(name, value))
        self.parts.append(f"<{tag}{kept}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self.skipped = max(self.skipped - 1, 0)
            return
        if self.skipped or tag not in self.open:
            return
        while self.open:
            last = self.open.pop()
            self.parts.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.skipped or not data:
            return
        if data.strip():
            self._top(False, text=True)
        self.parts.append(escape(data, quote=False))

    def _top(self, block: bool, *, text: bool = False) -> None:
        if not self.open:
            self.top += 1
            self.bare = self.bare or text or (not block and self.top > 1)


def _harmless(name: str, value: str | None) -> bool:
    unsafe = (value or "").strip().lower().startswith(("javascript:", "vbscript:", "data:text"))
    return name in ATTRIBUTES and not unsafe


def clean(source: str) -> str:
    """What is kept of a text that is written into a rich text field."""
    if not source:
        return source
    cleaner = _Cleaner()
    cleaner.feed(source)
    cleaner.close()
    whole = "".join(cleaner.parts) + "".join(f"</{tag}>" for tag in reversed(cleaner.open))
    return f"<p>{whole}</p>" if cleaner.bare else whole
