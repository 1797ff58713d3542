"""What is signed in: seen and ended by its person, by administrators, and by the clock; keys end and are rotated."""

from __future__ import annotations

from datetime import timedelta

from bascule.errors import InputError
from bascule.server.roles import Role
from bascule.store.people import digest

from .conftest import SOMEBODY, Bench


async def another(bench: Bench, role: Role) -> str:
    """A second browser of somebody of that role; the secret of its session."""
    mine = bench.browser.cookies.get("bascule", domain="bascule.test")
    bench.browser.cookies.clear()
    await bench.enter(role)
    made = bench.browser.cookies["bascule"]
    bench.browser.cookies.clear()
    if mine:
        bench.browser.cookies.set("bascule", mine, domain="bascule.test")
    return made


async def live(bench: Bench, secret: str) -> bool:
    return await bench.server.state.web.people.session(secret) is not None


async def test_a_person_sees_and_ends_their_own_log_ins_and_nobody_elses(bench: Bench) -> None:
    await bench.enter(Role.RECRUITER)
    here, there = bench.browser.cookies["bascule"], await another(bench, Role.RECRUITER)
    foreign = await another(bench, Role.OWNER)
    page = (await bench.browser.get("/sessions")).text
    assert "2 log-ins of yours" in page
    assert "Owner" not in page
    assert digest(foreign) not in page
    assert there not in page
    await bench.post("/sessions/one", session=digest(foreign))
    assert "There is no such log-in" in (await bench.browser.get("/sessions")).text
    await bench.post("/sessions/person", person="anybody")
    assert await live(bench, foreign)
    await bench.post("/sessions/one", session=digest(there))
    assert not await live(bench, there)
    again = await another(bench, Role.RECRUITER)
    await bench.post("/sessions/elsewhere")
    assert (await live(bench, again), await live(bench, here), await live(bench, foreign)) == (False, True, True)


async def test_administrators_see_everybodys_and_end_all_of_a_person(inside: Bench) -> None:
    some = [await another(inside, Role.OWNER) for _ in range(2)]
    kept = await another(inside, Role.RECRUITER)
    page = (await inside.browser.get("/sessions")).text
    assert "End all of Owner" in page
    owner = await inside.app.store.read(lambda tx: tx.people.user_by_email(inside.app.workspace, "owner@mail.example"))
    assert owner is not None
    await inside.post("/sessions/person", person=owner.id)
    assert [await live(inside, one) for one in (*some, kept)] == [False, False, True]
    lines = await inside.app.store.read(lambda tx: tx.audit.page(inside.app.workspace))
    assert lines[0].action == "log-ins ended"


async def test_a_session_ends_without_use_and_at_last_whatever_its_use(inside: Bench) -> None:
    secret, begun = inside.browser.cookies["bascule"], inside.app.runtime.now()
    for hour in range(1, 12):
        inside.app.runtime.now = lambda hour=hour: begun + timedelta(hours=hour)
        assert await live(inside, secret), hour
    inside.app.runtime.now = lambda: begun + timedelta(hours=12, seconds=1)
    assert not await live(inside, secret)
    idle = await another(inside, Role.OWNER)
    inside.app.runtime.now = lambda: begun + timedelta(hours=14, seconds=2)
    assert not await live(inside, idle)


async def test_a_key_ends_by_itself_and_keeps_its_former_secret_for_a_day(inside: Bench) -> None:
    people, begun = inside.server.state.web.people, inside.app.runtime.now()
    me = await people.session(inside.browser.cookies["bascule"])
    secret = await people.make_key("export", frozenset({"status:read"}), me, days=30)
    (key,) = await inside.app.store.read(lambda tx: tx.people.keys(inside.app.workspace))
    page = (await inside.post(f"/settings/keys/{key.id}/rotate")).text
    fresh = page.split('id="secret">')[1].split("<")[0]
    assert fresh != secret
    assert await people.program(secret) is not None
    assert await people.program(fresh) is not None
    inside.app.runtime.now = lambda: begun + timedelta(days=1, minutes=1)
    assert await people.program(secret) is None
    assert await people.program(fresh) is not None
    inside.app.runtime.now = lambda: begun + timedelta(days=30, minutes=1)
    assert await people.program(fresh) is None
    for days in (0, 9999):
        try:
            await people.make_key("x", frozenset({"status:read"}), me, days=days)
        except InputError:
            continue
        raise AssertionError(f"a key of {days} days")


async def test_a_list_of_people_that_somebody_opens_is_one_entry(inside: Bench) -> None:
    await inside.candidate()
    for _ in range(2):
        await inside.browser.get("/candidates")
    lines = await inside.app.store.read(lambda tx: tx.audit.page(inside.app.workspace))
    assert [line.action for line in lines] == ["candidates listed", "log-in"]


async def test_the_overview_is_an_entry_as_soon_as_it_names_somebody(inside: Bench) -> None:
    await inside.browser.get("/")
    assert await entries(inside) == ["log-in"]
    await inside.app.changes.edit(await inside.candidate(), {"first_name": "Augusta"}, SOMEBODY)
    for _ in range(2):
        assert "Augusta Byron" in (await inside.browser.get("/")).text
    assert (await entries(inside)).count("overview listed") == 1


async def test_what_a_program_reads_of_people_is_in_the_audit(inside: Bench) -> None:
    id, key = await inside.candidate(), {"authorization": f"Bearer {inside.app.local_key}"}
    for path in ("/candidates", f"/candidates/{id}", f"/records/{id}/history"):
        assert (await inside.browser.get(f"/api/v1{path}", headers=key)).status_code == 200
    await inside.browser.get(f"/records/{id}/history")
    lines = await inside.app.store.read(lambda tx: tx.audit.page(inside.app.workspace))
    said = [(line.action, line.record) for line in lines if line.action != "log-in"]
    assert said == [("view", id), ("view", id), ("view", id), ("candidates listed", None)]


async def test_whoever_looks_at_a_list_that_names_people_leaves_an_entry(inside: Bench) -> None:
    pages = {
        "/review": "reviews listed", "/failures": "failures listed", "/tasks": "tasks listed",
        "/undecided": "undecided listed", "/duplicates": "duplicates listed", "/duplicates/certain": "duplicates listed",
        "/erasures/due": "due for erasure listed", "/messages": "messages listed", "/interviews": "interviews listed",
    }  # fmt: skip
    for path in (*pages, *pages):  # the same again at once is no further entry
        assert (await inside.browser.get(path)).status_code == 200
    actions = await entries(inside)
    assert set(pages.values()) <= set(actions)
    assert all(actions.count(one) == 1 for one in set(pages.values()) - {"messages listed", "interviews listed"})
    key = {"authorization": f"Bearer {inside.app.local_key}"}
    for path in ("reviews", "failures", "tasks", "interviews", "messages"):
        before = (await entries(inside)).count(f"{path} listed")
        assert (await inside.browser.get(f"/api/v1/{path}", headers=key)).status_code == 200
        assert (await entries(inside)).count(f"{path} listed") == before + 1, "each look of a program is an entry"


async def entries(bench: Bench) -> list[str]:
    """Every entry's action, the newest first."""
    lines = await bench.app.store.read(lambda tx: tx.audit.page(bench.app.workspace))
    return [line.action for line in lines]
