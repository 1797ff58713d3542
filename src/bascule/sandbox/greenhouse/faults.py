"""What goes wrong on purpose. Consulted once at every request and once at every delivery; empty, it changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

RequestFault = Literal["answer", "lost_answer", "delay"]


class AnswerLost(ConnectionResetError):
    """The request was carried out and its answer never left: the connection is closed instead."""


@dataclass
class OnRequest:
    """Meets the next `times` requests whose method and path match.

    answer: reply with `status` (and Retry-After) and do nothing. lost_answer: do it, wait `seconds`, close the
    connection without an answer. delay: wait `seconds`, then do it and answer.
    """

    kind: RequestFault
    times: int = 1
    method: str = ".*"
    path: str = ".*"
    status: int = 500
    retry_after: float | None = None
    seconds: float = 0.0
    body: Any = None

    def meets(self, method: str, path: str) -> bool:
        return self.times > 0 and bool(re.fullmatch(self.method, method) and re.search(self.path, path))


@dataclass
class OnDelivery:
    """Drops the next `times` deliveries whose action matches: they are never sent and never retried."""

    kind: Literal["drop"] = "drop"
    times: int = 1
    action: str = ".*"

    def meets(self, action: str) -> bool:
        return self.times > 0 and bool(re.fullmatch(self.action, action))


@dataclass
class Faults:
    """The faults that still wait for something to meet, in the order they were asked for."""

    requests: list[OnRequest] = field(default_factory=list[OnRequest])
    deliveries: list[OnDelivery] = field(default_factory=list[OnDelivery])

    def add(self, spec: Mapping[str, Any]) -> None:
        """Take one fault written as JSON. Raises ValueError that says what is not understood."""
        values = dict(spec)
        try:
            if values.get("kind") == "drop":
                self.deliveries.append(OnDelivery(**values))
            elif values.get("kind") in ("answer", "lost_answer", "delay"):
                self.requests.append(OnRequest(**values))
            else:
                raise ValueError(f"unknown fault {values.get('kind')!r}: use drop, answer, lost_answer or delay")
        except TypeError as error:
            raise ValueError(str(error)) from None

    def clear(self) -> None:
        self.requests.clear()
        self.deliveries.clear()

    def for_request(self, method: str, path: str) -> OnRequest | None:
        """The fault that this request meets, used up by one."""
        for fault in self.requests:
            if fault.meets(method, path):
                fault.times -= 1
                return fault
        return None

    def for_delivery(self, action: str) -> OnDelivery | None:
        for fault in self.deliveries:
            if fault.meets(action):
                fault.times -= 1
                return fault
        return None

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in [*self.deliveries, *self.requests] if fault.times > 0]
