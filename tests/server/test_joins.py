"""Whether two records are one person is asked with both side by side, answered with a button, and can be taken back."""

from __future__ import annotations

from dataclasses import replace

from bascule.model import BASCULE, RecordState, Review, ReviewKind
from bascule.store import Tx

from .conftest import Bench


async def alike(bench: Bench, *others: str) -> tuple[str, str]:
    """Somebody new, who may be one of these: (record, review)."""
    row = await bench.connection()
    new = await bench.candidate("Adelaide", "King", row.id)

    def ask(tx: Tx) -> str:
        family = tx.families.family(tx.families.record_family(new) or "")
        detail = {"external": "77", "records": others, "families": (), "shared": ("email",)}
        review = Review(
            bench.app.runtime.id(), ReviewKind.IDENTITY, new, row.id, "", f"{row.id}|candidate|77", detail, BASCULE,
            bench.app.runtime.now(),
        )  # fmt: skip
        asked = replace(family, reviews={review.id: review})
        tx.families.save(family, asked, now=bench.app.runtime.now())
        return review.id

    return new, await bench.app.store.write(ask)


async def test_both_are_shown_joined_with_a_button_and_told_apart_with_another(inside: Bench) -> None:
    ada = await inside.candidate()
    new, review = await alike(inside, ada)
    page = (await inside.browser.get(f"/review/{review}")).text
    assert f'href="/candidates/{ada}"' in page
    assert f'href="/candidates/{new}"' in page
    assert "Same person" in page
    assert "Different people" in page
    assert "Families" not in page
    await inside.post(f"/review/{review}", answer="approve")
    assert "Approved. " in (await inside.browser.get(f"/review/{review}")).text
    joined = (await inside.browser.get(f"/candidates/{new}")).text  # the former id leads to the one that stays
    assert "Ada Byron" in joined
    assert "Tell apart" in joined
    assert "Joined with another record" in (await inside.browser.get(f"/candidates/{ada}/history")).text
    await inside.post(f"/candidates/{ada}/apart", record=new)
    again = (await inside.browser.get(f"/candidates/{new}")).text
    assert "Adelaide King" in again
    assert "Told apart again" in (await inside.browser.get(f"/candidates/{new}/history")).text
    assert "Tell apart" not in (await inside.browser.get(f"/candidates/{ada}")).text


async def test_where_several_may_be_meant_each_has_its_button(inside: Bench) -> None:
    ada, grace = await inside.candidate(), await inside.candidate("Grace", "Hopper")
    new, review = await alike(inside, ada, grace)
    page = (await inside.browser.get(f"/review/{review}")).text
    assert "Same person as Ada Byron" in page
    assert "Same person as Grace Hopper" in page
    await inside.post(f"/review/{review}", answer="approve", value=grace)
    kept = await inside.app.store.read(lambda tx: tx.families.records(inside.app.workspace, [new, ada]))
    assert (kept[new].state, kept[new].merged_into) == (RecordState.MERGED, grace)
    assert kept[ada].state is RecordState.LIVE


async def test_refused_both_stay(inside: Bench) -> None:
    ada = await inside.candidate()
    new, review = await alike(inside, ada)
    await inside.post(f"/review/{review}", answer="decline")
    kept = await inside.app.store.read(lambda tx: tx.families.records(inside.app.workspace, [new, ada]))
    assert {record.state for record in kept.values()} == {RecordState.LIVE}
    assert "Declined. " in (await inside.browser.get(f"/review/{review}")).text


async def test_what_is_not_joined_says_so_where_the_button_was(inside: Bench) -> None:
    ada = await inside.candidate()
    for record, says in ((ada, "not joined with another"), ("nobody", "no such candidate")):
        answer = await inside.post(f"/candidates/{ada}/apart", record=record)
        assert answer.status_code == 303
        assert says in (await inside.browser.get(f"/candidates/{ada}")).text


async def test_an_answer_given_twice_is_told_the_second_time(inside: Bench) -> None:
    ada = await inside.candidate()
    new, review = await alike(inside, ada)
    await inside.post(f"/review/{review}", answer="approve")
    await inside.post(f"/review/{review}", answer="approve")
    assert "decided it already" in (await inside.browser.get("/review")).text
    kept = await inside.app.store.read(lambda tx: tx.families.records(inside.app.workspace, [new]))
    assert kept[new].merged_into == ada


async def test_programs_join_and_tell_apart_in_the_name_of_their_person(bench: Bench) -> None:
    headers = {"authorization": f"Bearer {bench.app.local_key}"}
    ada, other = await bench.candidate(), await bench.candidate("A.", "Byron")

    async def post(path: str, **body: str) -> tuple[int, dict[str, str]]:
        answer = await bench.browser.post(f"/api/v1/duplicates/{path}", headers=headers, json=body)
        return answer.status_code, answer.json()

    assert await post("merge", record=other, other=ada) == (200, {"record": ada})
    kept = await bench.app.store.read(lambda tx: tx.families.records(bench.app.workspace, [other]))
    assert (kept[other].state, kept[other].merged_into) == (RecordState.MERGED, ada)
    status, said = await post("merge", record=other, other=ada)
    assert (status, "one person already" in said["title"]) == (422, True)
    assert (await post(f"{other}/unmerge"))[0] == 200
    kept = await bench.app.store.read(lambda tx: tx.families.records(bench.app.workspace, [other]))
    assert kept[other].state is RecordState.LIVE
    for wrong in ("nobody", ada):
        assert (await post(f"{wrong}/unmerge"))[0] in (404, 422)
    assert (await post("merge", record=ada, other="nobody"))[0] == 404
