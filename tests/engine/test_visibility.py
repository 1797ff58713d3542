"""A credential loses sight of a field: nothing is cleared, nothing is written blind, the owner is told once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bascule.core.writing import FEW
from bascule.engine.wire import WireRequest, WireResponse
from bascule.model import Kind
from bascule.sandbox.greenhouse import people

from .kit import OWNER, ROBIN, House, Wire


class Blind:
    """The ATS's answers without one field of candidates, as a credential without the right sees them."""

    def __init__(self, wire: Wire, field: str) -> None:
        self.wire, self.field, self.send_whole = wire, field, wire.send

    def __enter__(self) -> None:
        self.wire.send = self.send  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        self.wire.send = self.send_whole  # type: ignore[method-assign]

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        answer = await self.send_whole(request, timeout)
        if request.method != "GET" or "/v3/candidates" not in request.url:
            return answer
        rows = json.loads(answer.body)
        cut = [{name: value for name, value in row.items() if name != self.field} for row in rows]
        return WireResponse(answer.status, answer.headers, json.dumps(cut).encode())


async def told(house: House) -> Sequence[Any]:
    notices = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    return [one for one in notices if one.kind == "visibility lost"]


async def test_a_field_out_of_sight_is_kept_told_once_and_written_again_when_it_is_shown_again(house: House) -> None:
    some = [await house.apply(f"Ada{n}", "Byron", f"ada{n}@example.org") for n in range(3)]
    await house.pass_time(4)
    for one in some:
        people.update(house.sandbox, ROBIN, one.candidate, {"company": "Northwind"})
    await house.pass_time(4)
    with Blind(house.transport, "company"):
        for n in range(FEW + 1):
            for one in some:
                people.update(house.sandbox, ROBIN, one.candidate, {"title": f"Title {n}"})
            await house.pass_time(10)
        (notice,) = await told(house)  # one for the field, not one a person
        assert "acme has stopped showing company of a candidate" in notice.text
        assert "bascule connections rights acme" in notice.text
        record = await house.record(Kind.CANDIDATE, some[0].candidate)
        assert record.fields["company"] == "Northwind"  # unseen is not empty
        house.mark()
        await house.app.changes.edit(record.id, {"company": "Contoso"}, OWNER)
        await house.pass_time(30)
        assert not [c for c in house.written("candidates") if c.field == "company"]
    people.update(house.sandbox, ROBIN, some[0].candidate, {"title": "Seen again"})
    await house.pass_time(10)
    assert house.candidate(some[0].candidate)["company"] == "Contoso"
    assert not await told(house)
