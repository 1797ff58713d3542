"""Who may be one person: side by side, answered with a button or a key, many at once, and every answer taken back."""

from __future__ import annotations

from bascule.engine.doubles import Double
from bascule.match.likeness import Likeness, Sign, Verdict
from bascule.model import RecordState
from bascule.server.roles import Role, Scope

from .conftest import SOMEBODY, Bench
from .test_api import key


async def alike(bench: Bench, verdict: Verdict = Verdict.CERTAIN, last: str = "Byron") -> tuple[str, str]:
    """Two who may be one person, and the question: (record met first, record met then)."""
    first, second = await bench.candidate("Ada", last), await bench.candidate("Adelaide", last)
    await bench.app.changes.edit(second, {"title": "Countess", "phones": ("+44 20 7946 0001",)}, SOMEBODY)

    def ask(tx):  # type: ignore[no-untyped-def]
        home, other = tx.families.record_family(second), tx.families.record_family(first)
        bench.app.doubles.ask(tx, home, Double(other, first, Likeness(verdict, (Sign.PROFILE,))))

    await bench.app.reconcile.commit(ask)
    return first, second


async def states(bench: Bench, *ids: str) -> list[RecordState]:
    kept = await bench.app.store.read(lambda tx: tx.families.records(bench.app.workspace, ids))
    return [kept[id].state for id in ids]


async def questions(bench: Bench) -> list[str]:
    found = await bench.app.store.read(lambda tx: tx.pages.reviews(bench.app.workspace))
    return [one.review.id for one in found]


async def test_a_pair_is_shown_with_what_differs_joined_and_told_apart_again(inside: Bench) -> None:
    first, second = await alike(inside)
    page = (await inside.browser.get("/duplicates")).text
    assert "1 pair may be one person, 1 of them hardly in doubt." in page
    for said in ("the same profile on the web", "+44 20 7946 0001", "Countess", "on one side", "(both)", "stays"):
        assert said in page
    (review,) = await questions(inside)
    for path in ("/candidates", "/review", f"/review/{review}"):
        assert 'href="/duplicates"' in (await inside.browser.get(path)).text
    await inside.post(f"/duplicates/{review}", answer="same")
    assert await states(inside, first, second) == [RecordState.LIVE, RecordState.MERGED]
    page = (await inside.browser.get("/duplicates")).text
    assert "1 pair joined. Nothing was written to any system." in page
    batch = page.split('name="batch" value="')[1].split('"')[0]
    assert batch
    await inside.post("/duplicates/undo", batch=batch)
    assert await states(inside, first, second) == [RecordState.LIVE, RecordState.LIVE]
    assert "the same profile on the web" in (await inside.browser.get("/duplicates")).text  # asked again, as before


async def test_an_answer_that_they_are_different_is_taken_back_with_a_button(inside: Bench) -> None:
    await alike(inside, Verdict.LIKELY)
    (review,) = await questions(inside)
    await inside.post(f"/duplicates/{review}", answer="different")
    page = (await inside.browser.get("/duplicates")).text
    assert "Different people." in page
    assert "Nobody is in question" in page
    await inside.post("/duplicates/undo", review=review)
    assert len(await questions(inside)) == 1


async def test_what_is_answered_on_its_own_page_is_taken_back_there_too(inside: Bench) -> None:
    first, second = await alike(inside)
    for answer, field in (("decline", "review"), ("approve", "batch")):
        (review,) = await questions(inside)
        await inside.post(f"/review/{review}", answer=answer)
        page = (await inside.browser.get(f"/review/{review}")).text
        await inside.post("/duplicates/undo", **{field: page.split(f'name="{field}" value="')[1].split('"')[0]})
        assert await states(inside, first, second) == [RecordState.LIVE] * 2
    assert len(await questions(inside)) == 1


async def test_those_hardly_in_doubt_are_joined_together_after_a_look(inside: Bench) -> None:
    pairs = [await alike(inside, last=last) for last in ("Byron", "King", "Noel")]
    await alike(inside, Verdict.LIKELY, "Milbanke")
    page = (await inside.browser.get("/duplicates/certain")).text
    assert "3 pairs to join, after a look." in page
    assert "Milbanke" not in page
    await inside.post("/duplicates/certain")
    assert "No pair was chosen" in (await inside.browser.get("/duplicates/certain")).text
    chosen = [part.split('"')[0] for part in page.split('name="review" value="')[1:]][:2]
    await inside.post("/duplicates/certain", review=chosen)
    assert "2 pairs joined" in (await inside.browser.get("/duplicates")).text
    gone = [second for _, second in pairs]
    assert (await states(inside, *gone)).count(RecordState.MERGED) == 2
    (batch,) = await inside.app.merges.batches()
    await inside.post("/duplicates/undo", batch=batch.id)
    assert "2 pairs told apart again" in (await inside.browser.get("/duplicates")).text
    assert await states(inside, *gone) == [RecordState.LIVE] * 3
    assert len(await questions(inside)) == 4


async def test_who_only_reads_sees_no_buttons_and_may_not_answer(bench: Bench) -> None:
    _, second = await alike(bench)
    await bench.enter(Role.COMPLIANCE)
    for path in ("/duplicates", "/duplicates/certain"):
        page = (await bench.browser.get(path)).text
        assert "Adelaide Byron" in page
        assert 'action="/duplicates' not in page
    (review,) = await questions(bench)
    await bench.post(f"/duplicates/{review}", answer="same")
    assert await states(bench, second) == [RecordState.LIVE]


async def test_programs_join_a_list_of_pairs_and_take_it_back(bench: Bench) -> None:
    headers = {"authorization": f"Bearer {bench.app.local_key}"}
    first, second = await alike(bench)
    body = {"pairs": [{"record": second, "other": first}, {"record": "nobody", "other": first}]}

    async def post(path: str, sent: object) -> dict[str, object]:
        answer = await bench.browser.post(f"/api/v1/duplicates/{path}", headers=headers, json=sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    seen = await post("pairs", {**body, "preview": True})
    assert (seen["records"], list(seen["left"])) == ([first], [f"nobody {first}"])  # type: ignore[call-overload]
    assert await states(bench, second) == [RecordState.LIVE]
    done = await post("pairs", body)
    assert await states(bench, second) == [RecordState.MERGED]
    listed = (await bench.browser.get("/api/v1/duplicates/batches", headers=headers)).json()["items"]
    assert [(one["batch"], one["pairs"]) for one in listed] == [(done["batch"], 2)]
    assert (await post("undo", {"batch": done["batch"]}))["records"] == [second]
    refused = await bench.browser.post("/api/v1/duplicates/undo", headers=headers, json={"batch": "none"})
    assert (refused.status_code, "no batch" in refused.json()["title"]) == (404, True)
    reader = await key(bench, Scope.REVIEWS_READ)
    assert (await bench.browser.post("/api/v1/duplicates/pairs", headers=reader, json=body)).status_code == 403
