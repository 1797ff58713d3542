"""The wall between two workspaces of one installation, attacked from every address there is."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import tarfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from psycopg import sql
from sqlalchemy import make_url
from tests.databases import Cluster
from typer.testing import CliRunner

from bascule.cli.commands import app as commands
from bascule.errors import ConfigurationError, ConflictError, InputError
from bascule.hiring.links import Purpose, token
from bascule.sandbox.greenhouse import sign
from bascule.server.front import host_of
from bascule.server.people import Tries
from bascule.server.run import listening
from bascule.server.web import Limits
from bascule.settings import Settings
from bascule.workspaces import add, change, chosen, derived, inside, place_of, places, remove

from .test_visibility import FIELDS, filled
from .two import ACME, HERE, MAIN, THERE, Side, Two, accounts, held, rows_with, two

ENDS = re.compile(
    r"/(logout|login|events|sessions)\b|/api/v1/keys/rotate"
)  # what would end the attacker's own session, or never ends
CHANGES = re.compile(r"\d\d:\d\d(:\d\d)?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d+ (s|min)\b( ago)?|just now")


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Two]:
    async with two(tmp_path / "data") as made:
        yield made


def routes(side: Side) -> Iterator[tuple[str, str]]:
    """Every address that a server has: of people, programs, systems, strangers with a link."""
    for route in side.bench.server.router.routes:
        methods = getattr(route, "methods", None)
        for method in sorted(methods - {"HEAD"}) if methods else ():
            yield method, route.path  # type: ignore[attr-defined]


def placed(path: str, id: str) -> str:
    """The path with the id wherever something stands open; a connection's name is greenhouse in both."""
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: "greenhouse" if found[1] in ("name", "connection") else id, path)


async def ask(
    browser: httpx2.AsyncClient, side: Side, method: str, path: str, id: str, **headers: str
) -> httpx2.Response:
    """One request as `side` makes it: its key for programs' addresses, its session and form for people's."""
    there = placed(path, id)
    if path.startswith("/api/"):
        doc = side.bench.server.openapi()
        body = doc["paths"].get(path, {}).get(method.lower(), {}).get("requestBody")
        content = (
            filled(body["content"]["application/json"]["schema"], doc, id)
            if body and "application/json" in body["content"]
            else None
        )
        return await browser.request(
            method, there, json=content, headers={"authorization": f"Bearer {side.key}", **headers}
        )
    if method == "GET":
        return await browser.get(there, headers=headers)
    form = {
        "csrf": (await side.signed()).csrf,
        **dict.fromkeys(FIELDS, id),
        "tag": "x",
        "body": "x",
        "answer": "approve",
    }
    return await browser.post(there, data=form, headers={"origin": str(browser.base_url).rstrip("/"), **headers})


def foreign(text: str, two: Two, sent: str = "") -> list[str]:
    """What of acme's a text shows, but for what was sent."""
    canaries = [
        THERE,
        "Acme GmbH",
        f"Job of {THERE}",
        f"hook-{THERE}",
        two.acme.key,
        two.acme.cookie,
        *two.acme.ids.values(),
    ]
    return [one for one in canaries if one in text and one != sent]


async def test_no_address_of_one_shows_or_changes_anything_of_the_other(both: Two) -> None:
    """Forced browsing by an administrator of main, with a key that may do everything, and every id of acme."""
    browser, before, walked, told = both.main.bench.browser, held(both.acme.app), 0, list[str]()
    kinds = ("candidate", "job", "application", "review", "write", "message")
    for method, path in routes(both.main):
        if ENDS.match(path):
            continue
        open_ids = set(re.findall(r"{(\w+)", path)) - {"name", "connection"}
        for kind in kinds if open_ids and method == "GET" else kinds[:1]:
            id = both.acme.ids[kind]
            answer = await ask(browser, both.main, method, path, id)
            walked += 1
            text = answer.text + str(answer.headers.raw)
            if foreign(text, both, sent=id) or "Something went wrong here" in text:
                told.append(f"{method} {path} {kind}: {answer.status_code} {text:.300}")
        if method == "GET":
            for word in (THERE, "Quux"):
                shown = (await browser.get(placed(path, both.main.job), params={"q": word})).text
                hits = [one for one in foreign(shown, both) if one != THERE or word != THERE]
                told += [f"GET {path}?q={word}: {hits}"] if hits else []
    assert not told, "\n".join(told)
    assert walked > 400
    assert held(both.acme.app) == before, "something of acme was changed"
    assert both.main.cookie, "the walk ended its own session: what came after it proves nothing"
    assert HERE in (await browser.get("/candidates")).text


async def test_who_belongs_to_one_is_a_stranger_at_every_address_of_the_other(both: Two) -> None:
    """Main's session, forms and key, sent to acme's host name."""
    before, told, refused = held(both.acme.app), list[str](), 0
    web = both.acme.bench.server.state.web
    async with both.browser(ACME) as browser:
        browser.cookies.set("bascule", both.main.cookie, domain="acme.test")
        nobody = both.browser(ACME)
        for method, path in routes(both.acme):
            if path in ("/events", "/healthz"):
                continue
            web.people.tries, web.limits = Tries(), Limits.usual()  # else the walk itself shuts the doors
            for id in (both.acme.ids["candidate"], both.main.ids["candidate"]):
                came = await ask(browser, both.main, method, path, id)
                stranger = came if path.startswith("/api/") else await ask(nobody, both.main, method, path, id)
                same = (came.status_code, CHANGES.sub("", came.text)) == (
                    stranger.status_code,
                    CHANGES.sub("", stranger.text),
                )
                inside = (
                    came.status_code == 200
                    and path.startswith(("/api/", "/metrics"))
                    and not path.endswith("/openapi.json")
                )
                refused += came.status_code in (303, 401)
                shown = [one for one in foreign(came.text, both, sent=id) if one in (THERE, *both.acme.ids.values())]
                if not same or inside or shown or came.status_code >= 500:
                    told.append(f"{method} {path}: {came.status_code} {came.text:.200} / {stranger.status_code}")
        await nobody.aclose()
    assert not told, "\n".join(told)
    assert refused > 500
    assert held(both.acme.app) == before


async def test_a_host_name_is_one_workspaces_and_every_other_nobodys(both: Two) -> None:
    for base in ("http://nobody.test", "http://acme.test.evil.example", "http://xacme.test"):
        async with both.browser(base) as browser:
            for path in ("/", "/login", "/metrics", "/api/v1/status", "/hooks/greenhouse", "/static/bascule.css"):
                answer = await browser.get(path)
                assert (answer.status_code, answer.text) == (421, "There is no workspace at this address.")
            assert (await browser.get("/healthz")).json() == {"ok": True}
    async with both.browser(MAIN) as browser:
        for name in ("x-forwarded-host", "x-original-host", "forwarded", "x-host"):
            answer = await browser.get(
                "/candidates", headers={name: "acme.test", "cookie": f"bascule={both.acme.cookie}"}
            )
            assert answer.status_code == 303, "acme's session is none at main, whatever a header says"
        for given, status in (
            ("acme.test:80", 200),
            ("ACME.test.", 200),
            ("main.test@acme.test", 421),
            ("acme.test/x", 421),
            ("", 421),
        ):
            assert (await browser.get("/login", headers={"host": given})).status_code == status, given
    async with both.browser("http://127.0.0.1:8400") as browser:
        answer = await browser.get("/candidates", headers={"cookie": f"bascule={both.main.cookie}"})
        assert HERE in answer.text
    assert host_of({"type": "http", "headers": [(b"host", b"acme.test"), (b"host", b"main.test")]}) == ""
    assert host_of({"type": "http", "headers": [(b"host", b"[::1]:8400")]}) == "::1"


async def test_links_webhooks_and_sign_ins_of_one_open_nothing_of_the_other(both: Two) -> None:
    def key_of(side: Side) -> bytes:
        return side.app.store.query(lambda tx: tx.vault.derived(side.app.workspace, b"links"))

    assert key_of(both.main) != key_of(both.acme)
    login = (await both.acme.app.doors.login_link("administrator@mail.example")).partition("token=")[2]
    async with both.browser(MAIN) as browser:
        answer = await browser.post("/login", data={"token": login})
        assert (answer.status_code, "bascule" in answer.cookies) == (403, False)
    async with both.browser(ACME) as browser:
        assert (await browser.post("/login", data={"token": login})).status_code == 303, (
            "it is still good where it belongs"
        )
    begun = base64.urlsafe_b64encode(
        b'{"state": "s"}'
    ).decode()  # a sign-in at a provider, as main keeps it in a browser
    kept = f"{begun}.{await both.main.app.sign_in._signature(begun)}"
    assert await both.main.app.sign_in._opened(kept) == {"state": "s"}
    assert await both.acme.app.sign_in._opened(kept) is None
    body = json.dumps({"action": "candidate_updated", "payload": {"candidate": {"id": 77}}}).encode()
    signed = {"Signature": sign(f"hook-{THERE}", body), "Greenhouse-Event-ID": "1"}
    async with both.browser(MAIN) as browser:
        assert (await browser.post("/hooks/greenhouse", content=body, headers=signed)).status_code == 401
        for purpose, path in (
            (Purpose.SHORTLIST, "shortlist"),
            (Purpose.SCREENING, "screening"),
            (Purpose.DECISION, "decide"),
        ):
            link = token(key_of(both.acme), purpose, both.acme.ids["candidate"], 1)
            answer = await browser.get(f"/{path}/{link}")
            assert THERE not in answer.text
            assert answer.status_code in (403, 404, 410), path
    async with both.browser(ACME) as browser:
        assert (await browser.post("/hooks/greenhouse", content=body, headers=signed)).status_code != 401


async def test_a_session_is_neither_planted_nor_ridden_across_the_wall(both: Two) -> None:
    """Fixation: a cookie of acme in a browser that signs in at main. CSRF: acme's pages send main's forms."""
    before = held(both.acme.app)
    async with both.browser(MAIN) as browser:
        browser.cookies.set("bascule", both.acme.cookie, domain="main.test")
        assert (await browser.get("/candidates")).status_code == 303
        link = (await both.main.app.doors.login_link("administrator@mail.example")).partition("token=")[2]
        answer = await browser.post("/login", data={"token": link})
        assert answer.cookies["bascule"] != both.acme.cookie
        assert await both.acme.bench.server.state.web.people.session(both.acme.cookie), (
            "acme's session is its own affair"
        )
        assert held(both.acme.app) == before
    main = both.main.bench.browser
    form = {
        "csrf": (await both.main.signed()).csrf,
        "name": "Eve",
        "email": "eve@mail.example",
        "role": "administrator",
    }
    for headers in (
        {"origin": ACME},
        {"sec-fetch-site": "same-site", "origin": ACME},
        {"sec-fetch-site": "cross-site"},
    ):
        answer = await main.post("/settings/people", data=form, headers=headers)
        assert rows_with(both.main.app, "eve@mail.example") == 0, headers
    theirs = {**form, "csrf": (await both.acme.signed()).csrf}
    await main.post("/settings/people", data=theirs, headers={"origin": MAIN})
    assert rows_with(both.main.app, "eve@mail.example") == 0, "a token of acme's session is none here"
    await main.post("/settings/people", data=form, headers={"origin": MAIN})
    assert rows_with(both.main.app, "eve@mail.example") > 0, "the form is right: it was refused for where it came from"
    answer = await main.get("/login", params={"next": f"{ACME}/candidates"})
    assert ACME not in answer.text


async def test_keys_and_backups_of_one_hold_nothing_of_the_other(both: Two, tmp_path: Path) -> None:
    main, acme = both.main.app, both.acme.app
    assert (main.settings.data / "master.key").read_bytes() != (acme.settings.data / "master.key").read_bytes()
    sealed = acme.store.transact(lambda tx: tx.vault.seal(acme.workspace, None, b"secret"))
    assert acme.store.query(lambda tx: tx.vault.open(sealed)) == b"secret"
    with pytest.raises(Exception, match=r".*"):
        main.store.query(lambda tx: tx.vault.open(sealed))
    answer = await both.main.bench.browser.post(
        "/api/v1/backup",
        json={"file": str(tmp_path / "stolen.tar.gz")},
        headers={"authorization": f"Bearer {both.main.key}"},
    )
    assert (answer.status_code, list(tmp_path.glob("stolen*"))) == (403, [])
    file = tmp_path / "main.tar.gz"
    local = {"authorization": f"Bearer {main.local_key}"}
    assert (
        await both.main.bench.browser.post("/api/v1/backup", json={"file": str(file)}, headers=local)
    ).status_code == 200
    with tarfile.open(file) as tar:
        assert not [name for name in tar.getnames() if "workspaces" in name or "acme" in name]
        database = tar.extractfile("bascule.db")
        assert database is not None
        assert both.acme.app.workspace.encode() not in database.read()
    master = bytes(range(32))
    given = Settings(
        data=tmp_path / "given", public_url=MAIN, master_key=base64.b64encode(master).decode(), database=""
    )  # type: ignore[arg-type]
    own = inside(given, add(given, "acme", "", ACME))
    assert own.given_key == derived(master, "acme") != master
    assert derived(master, "acme") != derived(master, "globex")


async def test_counts_for_the_operator_take_a_key_beside_other_workspaces(both: Two) -> None:
    for side, other in ((both.main, both.acme), (both.acme, both.main)):
        ask = side.bench.browser.get
        assert (await ask("/metrics")).status_code == 401
        assert (await ask("/metrics", headers={"authorization": f"Bearer {other.key}"})).status_code == 401
        answer = await ask("/metrics", headers={"authorization": f"Bearer {side.key}"})
        assert 'connection="greenhouse"' in answer.text


async def test_only_one_provider_and_one_subject_make_two_accounts_one_persons(both: Two) -> None:
    """The other workspace is named to whoever signed in here by a provider that has let them in there too."""
    issuer = "https://login.firm.example"

    async def seen(by: str) -> bool:
        web, signed = both.main.bench.server.state.web, await both.main.signed()
        secret = await web.people.enter(signed.user, by)
        later = both.main.app.runtime.now() + timedelta(minutes=2)
        both.main.app.runtime.now = lambda: later
        async with both.browser(MAIN) as browser:
            browser.cookies.set("bascule", secret, domain="main.test")
            page = (await browser.get("/jobs")).text
        assert ">Main<" in page, "people see which workspace this is"
        return f'href="{ACME}/"' in page

    await accounts(both.main, issuer, "ada")
    assert not await seen(issuer), "she has no account there"
    await accounts(both.acme, "https://login.other.example", "ada")
    assert not await seen(issuer), "the same words of another provider are another person"
    await accounts(both.acme, issuer, "bob")
    assert not await seen(issuer)
    await accounts(both.acme, issuer, "ada")
    assert await seen(issuer)
    assert not await seen(""), "a login link proves nothing about an account elsewhere"
    await accounts(both.acme, issuer, "ada2", disabled=True)
    assert not await seen(issuer), "who is switched off there has nothing to go to"


async def test_workspaces_come_and_go_while_the_others_are_served(both: Two) -> None:
    settings, look = both.settings, both.neighbours.look
    add(settings, "globex", "Globex", "http://globex.test")
    await look()
    async with both.browser("http://globex.test") as globex, both.browser(ACME) as acme:
        assert (await globex.get("/login")).status_code == 200
        change(settings, "globex", open=False)
        await look()
        answer = await globex.get("/login")
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert (await acme.get("/login")).status_code == 200
        change(settings, "globex", open=True, address="http://hank.test", title="Hank")
        await look()
        assert (await globex.get("/login")).status_code == 421
        async with both.browser("http://hank.test") as hank:
            assert (await hank.get("/login")).status_code == 200
        change(settings, "globex", open=False)
        await look()
        remove(settings, "globex")
        await look()
        assert not (settings.data / "workspaces" / "globex").exists()
        assert [one.name for one in places(settings)] == ["main", "acme"]
        assert (await acme.get("/login")).status_code == 200


async def test_a_workspace_that_cannot_be_served_keeps_nobody_else_from_it(both: Two) -> None:
    add(both.settings, "broken", "Broken", "http://broken.test")
    (both.settings.data / "workspaces" / "broken" / "bascule.db").write_bytes(b"no database" * 1000)
    await both.neighbours.look()
    async with both.browser("http://broken.test") as broken, both.browser(ACME) as acme:
        assert (await broken.get("/login")).status_code == 503
        assert (await acme.get("/login")).status_code == 200
    assert both.front.others["broken"].trouble


def test_an_address_is_one_workspaces_alone_and_what_cannot_be_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database="", public_url="https://main.example")
    add(settings, "acme", "Acme", "https://Acme.Example:8443/")
    assert place_of(settings, "acme").address == "https://acme.example:8443"
    wrong: list[tuple[str, str, type[Exception]]] = [
        ("Acme", "https://x.example", InputError), ("main", "https://x.example", InputError), ("../x", "https://x.example", InputError),
        ("a" * 31, "https://x.example", InputError), ("x", "x.example", InputError), ("x", "https://x.example/path", InputError),
        ("x", "https://user@x.example", InputError), ("x", "ftp://x.example", InputError), ("x", "https://bücher.example", InputError),
        ("x", "https://x.example:99999", InputError), ("acme", "https://x.example", ConflictError),
        ("x", "http://acme.example:1", ConflictError), ("x", "https://main.example", ConflictError), ("x", "http://127.0.0.1:1", ConflictError),
    ]  # fmt: skip
    for name, address, kind in wrong:
        with pytest.raises(kind):
            add(settings, name, "", address)
    with pytest.raises(ConflictError):
        change(settings, "acme", address="https://main.example")
    with pytest.raises(InputError):
        change(settings, "main", address="https://x.example")
    with pytest.raises(ConfigurationError):
        add(settings.model_copy(update={"public_url": "", "host": "0.0.0.0"}), "x", "", "https://x.example")
    assert [(one.name, one.title) for one in places(settings)] == [("main", "Main"), ("acme", "Acme")]


def test_a_data_folder_of_a_workspace_never_opens_the_installations_database(tmp_path: Path) -> None:
    database = "postgresql://bascule:word@db.example/bascule"
    settings = Settings(data=tmp_path, database="", public_url="https://main.example")
    add(settings, "acme", "Acme", "https://acme.example")
    own = chosen(Settings(data=tmp_path / "workspaces" / "acme", database=database))
    assert (own.workspace, own.database) == ("acme", "postgresql://bascule:word@db.example/bascule_acme")
    assert chosen(Settings(data=tmp_path, workspace="acme", database="")).database_url.endswith(
        "/workspaces/acme/bascule.db"
    )
    with pytest.raises(ConfigurationError, match="no workspace 'globex'"):
        chosen(Settings(data=tmp_path, workspace="globex", database=""))
    assert chosen(Settings(data=tmp_path, workspace="main", database=database)).database == database


async def test_an_operator_adds_and_commands_reach_one_workspace_each(tmp_path: Path) -> None:
    """`bascule workspaces` beside a running server: real sockets, real commands."""
    settings = Settings(data=tmp_path, port=0, database="", log_level="error")
    async with listening(settings, work=False, announce=True) as running:
        port = running.url.rpartition(":")[2]

        async def bascule(*line: str) -> Any:
            done = await asyncio.to_thread(CliRunner().invoke, commands, [*line, "--data", str(tmp_path), "--json"])
            assert done.exit_code in (0, 1), done.output
            return json.loads(done.stdout)

        told = await bascule(
            "workspaces", "add", "acme", "--address", f"http://acme.localhost:{port}", "--title", "Acme"
        )
        assert told["state"] == "served"
        assert told["login"].startswith(f"http://acme.localhost:{port}/login?token=")
        here, there = await bascule("status"), await bascule("--workspace", "acme", "status")
        assert here["workspace"] != there["workspace"]
        assert [one["state"] for one in (await bascule("workspaces", "list"))["items"]] == ["served", "served"]
        assert (await bascule("workspaces", "close", "acme"))["state"] == "closed"
        file = tmp_path / "acme.tar.gz"
        await bascule("--workspace", "acme", "backup", str(file))
        assert (await bascule("--workspace", "acme", "restore", str(file), "--replace"))["restored"].endswith("acme")
        assert (await bascule("workspaces", "open", "acme"))["state"] == "served"
        assert (await bascule("--workspace", "acme", "status"))["workspace"] == there["workspace"]
        assert await bascule("workspaces", "remove", "acme", "--yes") == {"removed": "acme"}
        assert (await bascule("status"))["workspace"] == here["workspace"]


async def test_the_wall_stands_on_postgresql_too(cluster: Cluster, tmp_path: Path) -> None:
    with cluster.database("bascule_template") as url:
        async with two(tmp_path / "data", url) as both:
            before, told, browser = held(both.acme.app), list[str](), both.main.bench.browser
            for method, path in routes(both.main):
                if method == "GET" and not ENDS.match(path):
                    for id in (both.acme.ids["candidate"], both.main.ids["candidate"]):
                        answer = await ask(browser, both.main, method, path, id)
                        if foreign(answer.text, both, sent=id) or answer.status_code >= 500:
                            told.append(f"{path}: {answer.status_code} {answer.text:.200}")
            assert not told, "\n".join(told)
            assert rows_with(both.acme.app, both.acme.ids["candidate"]) > 0
            assert rows_with(both.main.app, both.acme.ids["candidate"]) == 0
            assert held(both.acme.app) == before
            change(both.settings, "acme", open=False)
            await both.neighbours.look()
            remove(both.settings, "acme")
            with pytest.raises(ConflictError, match="holds tables"):  # what somebody else has made is not taken
                _taken(cluster, both.settings)
            assert HERE in (await browser.get("/candidates")).text


def _taken(cluster: Cluster, settings: Settings) -> Any:
    name = f"{make_url(settings.database_url).database}_full"
    cluster.create(name, "bascule_template")
    try:
        return add(settings, "full", "", "http://full.test")
    finally:
        cluster.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
