"""Lists as systems page them, and signatures that stand in the body: what is asked, and where the next page is."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bascule.connectors.spec import (
    Asked,
    CursorInBody,
    LinkHeader,
    LinkInBody,
    Offset,
    PageNumber,
    Pages,
    Reads,
    Request,
    Response,
    SignedFields,
)
from bascule.engine import lists
from bascule.engine.verify import verified
from bascule.model import Kind

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PEOPLE = Reads(
    Kind.CANDIDATE,
    "/people",
    lambda raw, tenant: [],
    Kind.CANDIDATE,
    by={Kind.CANDIDATE: "/people/{id}", Kind.JOB: "jobs"},
    page_size=("limit", 2),
    filters={"confidentiality": "all"},
    since=("changed_from", "{since_ms}"),
)


def ask(pages: Pages, reads: Reads = PEOPLE, **asked: Any) -> Request:
    return lists.request(reads, pages, Asked(size=reads.page_size[1], **asked))


def walk(pages: Pages, items: list[int], answer: Any) -> tuple[list[int], list[Request]]:
    """Every page of a pretended list; `answer(start, items)` makes body and headers of the page from there on."""
    found: list[int] = []
    sent: list[Request] = []
    asked = Asked(size=2)
    while True:
        request = lists.request(PEOPLE, pages, asked)
        sent.append(request)
        assert len(sent) < 10, "it goes on for ever"
        shown, response = answer(request)
        found += shown
        following = lists.following(pages, asked, response, shown)
        if not following:
            return found, sent
        asked = replace(asked, at=following)


def numbered(request: Request, total: bool) -> tuple[list[int], Response]:
    start = (int(request.query.get("page", "1")) - 1) * 2
    return page(start, {"meta": {"pages": 3}} if total else {})


def passed_over(request: Request, total: bool) -> tuple[list[int], Response]:
    return page(int(request.query.get("offset", "0")), {"total": 5} if total else {})


def page(start: int, body: dict[str, Any], **headers: str) -> tuple[list[int], Response]:
    return list(range(5))[start : start + 2], Response(200, headers, body)


def token(request: Request) -> tuple[list[int], Response]:
    start = int(request.query.get("offset", "0"))
    return page(start, {"next": str(start + 2), "hasNext": start + 2 < 5})


def linked(request: Request) -> tuple[list[int], Response]:
    start = int(request.path.split("from=")[1]) if "from=" in request.path else 0
    return page(start, {"links": {"next": f"https://x/people?from={start + 2}" if start + 2 < 5 else None}})


def header(request: Request) -> tuple[list[int], Response]:
    start = int(request.path.split("from=")[1]) if "from=" in request.path else 0
    return page(start, {}, **({"link": f'<https://x/people?from={start + 2}>; rel="next"'} if start + 2 < 5 else {}))


WAYS: dict[str, tuple[Pages, Any]] = {
    "a token in the body, which says whether there is more": (CursorInBody("offset", "next", "hasNext"), token),
    "a whole address in the body": (LinkInBody("links.next"), linked),
    "a link header": (LinkHeader(), header),
    "numbers, of so many": (PageNumber("page", "meta.pages"), lambda request: numbered(request, True)),
    "numbers, until one is not full": (PageNumber("page"), lambda request: numbered(request, False)),
    "an offset, of so many": (Offset("offset", "total"), lambda request: passed_over(request, True)),
    "an offset, until one is not full": (Offset("offset"), lambda request: passed_over(request, False)),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_paging_shows_every_item_once(way: str) -> None:
    pages, answer = WAYS[way]
    found, sent = walk(pages, list(range(5)), answer)
    assert found == list(range(5))
    assert len(sent) == 3


def test_numbers_may_begin_at_nought() -> None:
    pages = PageNumber("page", "pages", first=0)
    assert lists.following(pages, Asked(size=2), Response(200, {}, {"pages": 2}), [1, 2]) == "1"
    assert lists.following(pages, Asked(size=2, at="1"), Response(200, {}, {"pages": 2}), [1, 2]) == ""


def test_one_object_is_asked_for_by_its_own_address_and_nothing_else() -> None:
    assert ask(LinkHeader(), by=Kind.CANDIDATE, ids=["a b"]) == Request("GET", "/people/a b")
    assert lists.alone(PEOPLE, Kind.CANDIDATE)
    assert not lists.alone(PEOPLE, Kind.JOB)
    assert not lists.alone(PEOPLE, None)


def test_children_under_their_parents_address_are_a_list_like_any_other() -> None:
    notes = replace(PEOPLE, kind=Kind.NOTE, by={Kind.APPLICATION: "/opportunities/{id}/notes"})
    assert ask(LinkHeader(), notes, by=Kind.APPLICATION, ids=["7"]) == Request(
        "GET", "/opportunities/7/notes", {"limit": "2", "confidentiality": "all"}
    )


def test_changes_since_a_moment_are_asked_for_in_the_systems_own_clock() -> None:
    assert ask(LinkHeader(), since=NOW).query["changed_from"] == "1795165200000"
    iso = replace(PEOPLE, since=("since", "gte|{since}"))
    assert ask(LinkHeader(), iso, since=NOW).query["since"] == "gte|2026-11-20T09:00:00.000Z"


def test_a_system_that_is_asked_by_post_gets_all_of_it_in_the_body() -> None:
    rpc = replace(PEOPLE, in_body=True)
    request = ask(CursorInBody("cursor", "nextCursor", "moreDataAvailable"), rpc, at="abc")
    assert request == Request("POST", "/people", json={"limit": 2, "confidentiality": "all", "cursor": "abc"})


# ---------------------------------------------------------------------------------------------- signed fields of a body

SCHEME = SignedFields("signature", ("token", "triggeredAt"), time="triggeredAt", within=timedelta(hours=1))


def body(secret: str = "one", at: datetime = NOW, **more: Any) -> bytes:
    sent: dict[str, Any] = {"token": "t" * 48, "triggeredAt": int(at.timestamp() * 1000), "data": {"id": "7"}}
    message = f"{sent['token']}{sent['triggeredAt']}"
    sent["signature"] = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return json.dumps(sent | more).encode()


def test_a_signature_in_the_body_is_believed_with_any_of_the_secrets_entered() -> None:
    for secret in ("one", "two"):
        assert verified(SCHEME, {}, body(secret), "one\ntwo", now=NOW)


@pytest.mark.parametrize(
    "sent",
    [
        body("another"),
        body(token="forged"),
        body(triggeredAt=int(NOW.timestamp() * 1000) + 1),
        body(signature=None),
        body(signature=""),
        body(at=NOW - timedelta(hours=2)),
        body(at=NOW + timedelta(hours=2)),
        b"[]",
        b"not json",
        b'{"token": {}, "triggeredAt": "x", "signature": "y"}',
    ],
)
def test_a_forged_stale_or_malformed_one_is_refused(sent: bytes) -> None:
    assert not verified(SCHEME, {}, sent, "one", now=NOW)


def test_without_a_secret_nothing_is_believed() -> None:
    assert not verified(SCHEME, {}, body(""), "", now=NOW)
