"""What any sandbox refuses; a vendor words it in its own shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """A request or a person's action that is not carried out; nothing has changed.

    `code` is the vendor's own word for it where it has one, `field` what it is about.
    """

    # Over the refusal, on a page.
    title: str | None = None

    def __init__(
        self, status: int, message: str, *, code: str = "", field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.field = field
        self.headers = dict(headers or {})

    @property
    def spoken(self) -> str:
        """The refusal as a page shows it to a person."""
        return f"{self.field} {self.message}" if self.field else self.message

    def as_json(self) -> dict[str, Any]:
        """The refusal where no vendor's shape is asked for, as at the oracle's addresses."""
        return {"errors": [{"message": self.message, **({"field": self.field} if self.field else {})}]}
