"""Erasure: the systems first, then every place here, and nobody erased comes back. The proof searches the bytes."""

from __future__ import annotations

import asyncio
import base64
import json
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import sql
from tests.databases import Cluster, both_databases

from bascule.core.bind import marker
from bascule.engine.strangers import Strangers
from bascule.errors import ConfigurationError, ConflictError, InputError, NotFoundError, UnavailableError
from bascule.hiring.scoring import RANK, Scoring
from bascule.match import Reading, ResumeReader
from bascule.model import FamilyState, Kind, Mode
from bascule.office.subscriptions import NewSubscription
from bascule.sandbox.greenhouse import people
from bascule.store import Tx, open_store
from bascule.store.erasure import Erased
from bascule.store.interviews import Interview, Seat
from bascule.store.messages import Message, MessageState
from bascule.store.notices import Notice
from bascule.store.sql import Sql
from bascule.trust.audit import ARITHMETIC
from bascule.trust.backup import backup, restore

from .kit import MASTER, OWNER, ROBIN, Applied, Builder, House

FIRST, LAST, EMAIL, PHONE = "Canarina", "Featherstonehaugh", "canarina.f@example.org", "+44 20 7946 0987"
QUOTE = "Falsified plumage ledgers at Songbird Holdings"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
CANARIES = (FIRST, LAST, "canarina.f", "2079460987", "7946 0987", "Songbird", "plumage", "Whistleblower")


async def grown(house: House) -> tuple[Applied, str]:
    """Somebody with a CV, a score, notes from both sides, tags, edits; (ids there, record here)."""
    applied = await house.apply(FIRST, LAST, EMAIL, phone=PHONE, more=QUOTE)
    await house.pass_time(8)
    record = (await house.record(Kind.CANDIDATE, applied.candidate)).id
    await house.app.changes.edit(record, {"title": "Whistleblower"}, OWNER)
    await house.app.changes.add_note(record, f"{FIRST} called.", "private", OWNER)
    people.update(house.sandbox, ROBIN, applied.candidate, {"company": "Songbird Holdings"})
    await house.pass_time(12)
    return applied, record


async def erased(house: House, record: str) -> Erased:
    begun = await house.app.erasures.begin(record, OWNER)
    await house.pass_time(12)
    done = await house.app.erasures.get(begun.id)
    assert done.ended is not None
    assert done.certificate is not None
    return done


KEY = Sql("SELECT wrapped FROM vault_keys WHERE workspace = :workspace AND family = :family")
FAILED = Sql("SELECT state, body FROM writes WHERE id = :id")
CHECKPOINT = sql.SQL("CHECKPOINT")


def holding(folder: Path, content: bytes) -> list[Path]:
    """The files of the folder in which these bytes stand."""
    return [path for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()]


def in_clear(folder: Path) -> list[str]:
    """Which of the person's words stand in which file of the folder: in clear, folded, or escaped."""
    return [
        f"{spelled} in {path.name}"
        for path in folder.rglob("*")
        if path.is_file()
        for content in [path.read_bytes()]
        for word in CANARIES
        for spelled in (word, word.casefold(), word.encode("unicode_escape").decode())
        if spelled.encode() in content
    ]


@both_databases
async def test_a_person_is_erased_in_the_ats_and_in_every_place_here(house: House) -> None:
    applied, record = await grown(house)
    family = await house.family(Kind.CANDIDATE, applied.candidate)
    assert family is not None
    done = await erased(house, record)
    assert done.certificate is not None
    row = house.candidate(applied.candidate)
    assert (row["first_name"], row["email_addresses"], row["phone_numbers"]) == ("Anonymized", [], [])
    assert not house.notes(applied.candidate)
    left = await house.app.store.read(lambda tx: tx.families.family(family.id))
    assert (left.state, left.records, left.links) == (FamilyState.ERASED, {}, {})
    assert await house.app.store.read(lambda tx: tx.families.record_family(record)) is None
    assert await house.app.store.read(lambda tx: tx.pages.candidates(house.app.workspace)) == []
    places = {place["place"]: place for place in done.certificate["certificate"]["places"]}
    assert "anonymised there" in places["acme (Greenhouse, simulator)"]["outcome"]
    for name in (
        "records",
        "links and pairs",
        "history",
        "scores",
        "files, texts and raw objects",
        "search index",
        "key",
    ):
        assert not places[name]["outcome"].startswith("0"), name
    (old,) = (place for name, place in places.items() if "old copies" in name)
    assert "`bascule keys rotate`" in old["outcome"]
    assert old["done"] is (house.app.store.dialect == "sqlite"), "PostgreSQL keeps segments of its log"
    assert (await house.app.trail.verify()).ok
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(done.certificate["key"]))
    key.verify(bytes.fromhex(done.certificate["signature"]), done.certificate["canonical"].encode())
    assert json.loads(done.certificate["canonical"]) == done.certificate["certificate"]
    assert not [word for word in CANARIES if word.encode() in json.dumps(done.certificate).encode()]


async def test_no_byte_of_the_person_is_left_in_any_file(build: Builder, tmp_path: Path) -> None:
    house = await build.house()
    _, record = await grown(house)
    other = await house.apply("Kept", "Person", "kept@example.org")
    await house.pass_time(8)
    assert not in_clear(tmp_path), "not even before"
    assert len(await house.app.store.read(lambda tx: tx.pages.candidates(house.app.workspace, search="feather"))) == 1
    await erased(house, record)
    assert not in_clear(tmp_path)
    assert not await house.app.store.read(lambda tx: tx.pages.candidates(house.app.workspace, search="feather"))
    assert await house.value(Kind.CANDIDATE, other.candidate, "first_name") == "Kept"


@both_databases
async def test_the_certificate_lists_who_was_told_calendars_and_letters(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subscriber that takes nothing yet, one that has taken it; an event in a calendar that is down; letters."""
    heard: list[str] = []

    async def hear(scope: Any, receive: Any, send: Any) -> None:
        heard.append(str((await receive())["body"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def down(*_: object) -> None:
        raise UnavailableError("The calendar does not answer.")

    monkeypatch.setattr(house.app.interviewing._calendars, "drop", down)
    house.transport.serve("127.0.0.1:7", hear)
    house.transport.serve("127.0.0.1:8", refuse)
    for port, fields in ((7, ("candidate.emails",)), (8, ("candidate.emails",)), (7, ("job.title",))):
        url = f"http://127.0.0.1:{port}/{'names' if 'candidate' in fields[0] else 'jobs'}"
        await house.app.subscriptions.add(NewSubscription(url, ("*",), fields=fields), OWNER)
    applied, record = await grown(house)
    application = await house.record(Kind.APPLICATION, applied.application)
    family, now, workspace = (
        (await house.record(Kind.CANDIDATE, applied.candidate)).family,
        house.clock(),
        house.app.workspace,
    )

    def stand(tx: Tx) -> None:
        """An interview that has been, in the calendar of somebody whose calendar is down; a letter and its answer."""
        ends = now + timedelta(hours=1)
        tx.interviews.set(
            Interview(
                "i1",
                workspace,
                family,
                application.id,
                str(application.fields["job"]),
                "booked",
                1,
                1,
                now,
                ends,
                now,
                ends,
            )
        )
        tx.interviews.seat(Seat("i1", "Robin@house.example", workspace, now, ends, "event-1", 1))
        for id, direction, state, sent in (
            ("m1", "out", MessageState.SENT, now),
            ("m2", "in", MessageState.RECEIVED, None),
        ):
            tx.messages.add(workspace, Message(
                id, family, record, application.id, None, house.at.id, direction, "invite", "en", state, now, now,
                EMAIL, "Hello", "A word", f"t-{id}", f"<{id}@house.example>", sent=sent,
            ))  # fmt: skip

    await house.app.store.write(stand)
    plan = {one.system: one for one in (await house.app.erasures.foreseen(record)).systems}
    assert plan["colleagues' calendars"].outcome.startswith("1 event of theirs")
    assert plan["mailbox of their answers"].by_hand
    assert sum("subscriber" in system for system in plan) == 2
    done = await erased(house, record)
    assert done.certificate is not None
    places = {place["place"]: place for place in done.certificate["certificate"]["places"]}
    told = {name: (place["outcome"], place["done"]) for name, place in places.items() if "subscriber" in name}
    assert sorted(told.values()) == [
        ("is being told to delete them, again until it takes it", False),
        ("told to delete them; whether it has, Bascule cannot see", False),
    ]
    assert any("candidate.erased" in one for one in heard)
    assert "1 event still to be taken out" in places["colleagues' calendars"]["outcome"]
    assert not places["colleagues' calendars"]["done"]
    assert places["letters to the person"]["outcome"].startswith(f"1 letter sent on {now.date().isoformat()}")
    assert not places["mailbox of their answers"]["done"]
    assert EMAIL not in json.dumps(done.certificate)


async def test_an_erased_person_does_not_come_back_by_a_late_webhook_a_poll_or_an_edit_there(house: House) -> None:
    applied, record = await grown(house)
    family = await house.family(Kind.CANDIDATE, applied.candidate)
    assert family is not None
    await erased(house, record)
    people.update(house.sandbox, ROBIN, applied.candidate, {"first_name": FIRST})
    late = {"action": "update_candidate", "payload": {"candidate": {"id": applied.candidate, "first_name": FIRST}}}
    assert await house.deliver(json.dumps(late).encode()) == 200
    await house.leap(3700, step=600)
    assert await house.family(Kind.CANDIDATE, applied.candidate) is None
    assert await house.family(Kind.APPLICATION, applied.application) is None
    assert await house.app.store.read(lambda tx: tx.pages.candidates(house.app.workspace)) == []
    entries = await house.app.store.read(lambda tx: tx.inbox.log(house.at.id, limit=100))
    assert not [entry for entry in entries if entry.external == str(applied.candidate)]
    with pytest.raises(NotFoundError):
        await house.app.erasures.begin(record, OWNER)


async def test_who_is_anonymised_there_is_not_read_again_whenever_a_list_shows_them(house: House) -> None:
    """The list of tags is gone through every few seconds, and everybody anonymised stays in it."""
    _, record = await grown(house)
    await erased(house, record)
    await house.pass_time(10)
    before = house.calls("GET", "scorecards")
    await house.pass_time(60)
    assert house.calls("GET", "scorecards") - before <= 1, "no more than the poll of that list"


async def test_a_new_application_of_an_erased_person_is_a_new_person(house: House) -> None:
    _, record = await grown(house)
    await erased(house, record)
    again = await house.apply(FIRST, LAST, EMAIL)
    await house.pass_time(8)
    assert (await house.record(Kind.CANDIDATE, again.candidate)).id != record


@both_databases
async def test_what_lands_while_erasing_falls_away_and_nothing_is_edited_any_more(house: House) -> None:
    applied, record = await grown(house)
    begun = await house.app.erasures.begin(record, OWNER)
    people.update(house.sandbox, ROBIN, applied.candidate, {"first_name": "Late"})
    with pytest.raises(InputError, match="being erased"):
        await house.app.changes.edit(record, {"title": "x"}, OWNER)
    with pytest.raises(ConflictError):
        await house.app.erasures.begin(record, OWNER)
    await house.pass_time(12)
    assert (await house.app.erasures.get(begun.id)).ended is not None
    assert await house.family(Kind.CANDIDATE, applied.candidate) is None


async def test_a_creation_of_ours_that_lands_while_its_person_is_being_erased_is_nobody_new(house: House) -> None:
    applied, record = await grown(house)
    await house.app.erasures.begin(record, OWNER)
    strangers, landed = Strangers(house.app.runtime, house.app.reconcile), replace(applied, candidate=999)
    assert await house.app.store.write(
        lambda tx: strangers.buried(tx, house.at, Kind.CANDIDATE, "999", mark=marker(record))
    )
    (told,) = await by_hand(house, landed)
    assert "landed late" in told.text


async def test_a_score_that_was_being_made_is_let_go_and_is_no_failure(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, begun = ResumeReader.read, list[str]()
    applied = await house.apply(FIRST, LAST, EMAIL, more=QUOTE)

    async def while_it_is_read(reader: ResumeReader, data: bytes, name: str) -> Reading:
        if not begun:
            record = (await house.record(Kind.CANDIDATE, applied.candidate)).id
            begun.append((await house.app.erasures.begin(record, OWNER)).id)
        return await read(reader, data, name)

    monkeypatch.setattr(ResumeReader, "read", while_it_is_read)
    await house.pass_time(20)
    assert (await house.app.erasures.get(begun[0])).ended is not None
    assert await house.family(Kind.CANDIDATE, applied.candidate) is None
    assert await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, state="dead")) == []


async def test_who_is_being_erased_stops_nobody_elses_rank(build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    house = await build.house()
    one, other = await house.apply(FIRST, LAST, EMAIL), await house.apply("Ada", "Byron", "ada@example.org")
    await house.pass_time(12)
    moved: list[tuple[str, str, bool]] = []
    for applied in (one, other):
        family = await house.family(Kind.CANDIDATE, applied.candidate)
        assert family is not None
        moved.append((family.id, (await house.record(Kind.APPLICATION, applied.application)).id, True))
    monkeypatch.setattr(Scoring, "_moved_ranks", staticmethod(lambda *about: moved))
    job = await house.value(Kind.APPLICATION, other.application, "job")
    await house.app.erasures.begin((await house.record(Kind.CANDIDATE, one.candidate)).id, OWNER)
    await house.app.store.write(lambda tx: tx.tasks.put(house.app.workspace, RANK, job, due=house.app.runtime.now()))
    await house.pass_time(12)
    assert await house.value(Kind.APPLICATION, other.application, "top_ten") is True
    assert await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, state="dead")) == []


@both_databases
async def test_where_nothing_may_be_written_the_owner_gets_the_task_and_here_all_is_erased(build: Builder) -> None:
    house = await build.house(mode=Mode.OBSERVE)
    applied = await house.apply(FIRST, LAST, EMAIL)
    await house.pass_time(70)
    record = (await house.record(Kind.CANDIDATE, applied.candidate)).id
    done = await erased(house, record)
    assert done.certificate is not None
    (there,) = (p for p in done.certificate["certificate"]["places"] if p["place"].startswith("acme"))
    assert there["done"] is False
    assert "observe" in there["outcome"]
    assert house.candidate(applied.candidate)["first_name"] == FIRST
    notices = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    assert [n for n in notices if n.kind == "erase by hand" and str(applied.candidate) in n.text]


async def test_a_system_that_refuses_or_is_down_is_not_called_erased(house: House) -> None:
    applied, record = await grown(house)
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "status": 500, "times": 2})
    begun = await house.app.erasures.begin(record, OWNER)
    await house.pass_time(2)
    assert (await house.app.erasures.get(begun.id)).ended is None
    await house.leap(600)
    assert (await house.app.erasures.get(begun.id)).ended is not None
    assert house.candidate(applied.candidate)["first_name"] == "Anonymized"


@both_databases
async def test_who_applies_with_the_number_of_somebody_being_erased_is_somebody_new(house: House) -> None:
    """Their number was somebody's who was nobody any more: they were read again without end."""
    _, record = await grown(house)
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "status": 500, "times": 1000})
    begun = await house.app.erasures.begin(record, OWNER)
    before = house.calls("GET", "candidates")
    again = await house.apply(FIRST, LAST, "new@example.org", phone=PHONE)
    await house.pass_time(10)
    assert (await house.app.erasures.get(begun.id)).ended is None
    assert (await house.record(Kind.CANDIDATE, again.candidate)).id != record
    assert house.calls("GET", "candidates") - before < 20


async def test_who_is_hidden_is_not_called_erased_and_the_owner_is_told_again_when_they_are_shown(house: House) -> None:
    applied, record = await grown(house)
    house.sandbox.hidden.setdefault("candidates", set()).add(applied.candidate)
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "path": "anonymize", "status": 404, "times": 10})
    done = await erased(house, record)
    assert done.certificate is not None
    (there,) = (p for p in done.certificate["certificate"]["places"] if p["place"].startswith("acme"))
    assert there["done"] is False
    assert "hidden" in there["outcome"]
    (told,) = await by_hand(house, applied)
    await house.app.store.write(
        lambda tx: tx.notices.close_one(house.app.workspace, told.id, now=house.app.runtime.now())
    )
    await house.leap(600)
    assert not await by_hand(house, applied)
    house.sandbox.hidden["candidates"].clear()
    people.update(house.sandbox, ROBIN, applied.candidate, {"company": "Back Again"})
    await house.leap(600)
    (told,) = await by_hand(house, applied)
    assert "is shown there" in told.text
    assert await house.family(Kind.CANDIDATE, applied.candidate) is None
    assert house.candidate(applied.candidate)["first_name"] == FIRST


async def by_hand(house: House, applied: Applied) -> list[Notice]:
    """What the owner is asked to erase in the ATS."""
    notices = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    return [n for n in notices if n.kind == "erase by hand" and str(applied.candidate) in n.text]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_no_byte_of_the_person_and_no_key_is_left_in_any_file_of_the_server(
    build: Builder, cluster: Cluster, tmp_path: Path
) -> None:
    """Data files, write-ahead log and server log of the whole cluster. The wrapped key is in the tables' files before,
    and in none of them afterwards."""
    house = await build.house()
    _, record = await grown(house)
    other = await house.apply("Kept", "Person", "kept@example.org")
    await house.pass_time(8)
    family = await house.app.store.read(lambda tx: tx.families.record_family(record))
    row = await house.app.store.read(lambda tx: tx.row(KEY, workspace=house.app.workspace, family=family))
    assert row is not None
    wrapped = bytes(row[0])
    cluster.execute(CHECKPOINT)
    tables = cluster.folder / "data" / "base"
    assert holding(tables, wrapped)
    assert not in_clear(cluster.folder)
    await erased(house, record)
    await house.pass_time(70)
    cluster.execute(CHECKPOINT)
    assert not holding(tables, wrapped)
    assert not in_clear(cluster.folder)
    assert not in_clear(tmp_path)
    assert await house.value(Kind.CANDIDATE, other.candidate, "first_name") == "Kept"


@both_databases
async def test_a_restored_backup_erases_again_before_it_serves_and_holds_no_key(build: Builder, tmp_path: Path) -> None:
    house = await build.house()
    applied, record = await grown(house)
    kept = await house.apply("Kept", "Person", "kept@example.org")
    await house.pass_time(8)
    data = house.app.settings.data
    file = tmp_path / "copy.tar.gz"
    told = await house.app.erasures.backup(str(file), 30, OWNER)
    with tarfile.open(file) as tar:
        names = tar.getnames()
        content = b"".join(found.read() for name in names if (found := tar.extractfile(name)) is not None)
    assert "master.key" not in names
    for secret in (MASTER, base64.b64encode(MASTER), MASTER.hex().encode(), house.secret.encode()):
        assert secret not in content
    assert not [word for word in CANARIES if word.encode() in content]
    done = await erased(house, record)
    assert done.certificate is not None
    (place,) = (p for p in done.certificate["certificate"]["places"] if p["place"] == "backups")
    assert told["expires"][:10] in place["outcome"]
    with pytest.raises((ConflictError, ConfigurationError), match="in use"):
        restore(data, file, database=build.database, replace=True)
    await house.app.stop()
    with pytest.raises(ConflictError, match="data already"):
        restore(data, file, database=build.database)
    restore(data, file, database=build.database, replace=True)
    house.app = build.app(house.clock, house.transport, house.failures)
    assert await house.app.store.read(lambda tx: tx.families.record_family(record)) is not None, "as it was then"
    await house.app.start(work=False)
    assert await house.app.store.read(lambda tx: tx.families.record_family(record)) is None
    assert await house.family(Kind.CANDIDATE, applied.candidate) is None
    assert (await house.app.erasures.get(done.id)).certificate == done.certificate
    assert await house.value(Kind.CANDIDATE, kept.candidate, "first_name") == "Kept"
    late = await house.apply("Late", "Comer", "late@example.org")
    await house.pass_time(70)
    assert await house.family(Kind.CANDIDATE, applied.candidate) is None
    assert await house.value(Kind.CANDIDATE, late.candidate, "first_name") == "Late"
    assert (await house.app.trail.verify()).ok


@both_databases
async def test_a_failure_stays_listed_without_anything_of_the_person(house: House) -> None:
    _, record = await grown(house)
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "status": 422, "times": 1})
    await house.app.changes.edit(record, {"title": "Whistleblower in chief"}, OWNER)
    await house.pass_time(8)
    (failed,) = await house.open_failures()
    done = await erased(house, record)
    assert done.certificate is not None
    assert "stay listed" in json.dumps(done.certificate)
    assert await house.open_failures() == []
    row = await house.app.store.read(lambda tx: tx.row(FAILED, id=failed.write.id))
    assert row is not None
    (state, body) = row
    told = await house.app.store.read(lambda tx: tx.vault.open(bytes(body)).decode())
    assert state == "discarded"
    assert "the person was erased" in told
    assert not [word for word in (*CANARIES, "title") if word in told]


async def test_the_log_outside_is_made_from_the_database_whatever_became_of_it(build: Builder) -> None:
    house = await build.house()
    _, record = await grown(house)
    done = await erased(house, record)
    log = house.app.settings.data / "erasures.jsonl"
    whole = log.read_text()
    log.write_text(whole[:100])
    await build.restart(house)
    lines = log.read_text().splitlines()
    assert (len(lines), json.loads(lines[1])) == (2, json.loads(whole))
    assert json.loads(lines[1])["id"] == done.id


def test_a_backup_is_put_back_only_where_there_are_no_data_or_with_a_word(tmp_path: Path) -> None:
    made = tmp_path / "made"
    store = open_store(f"sqlite:///{made / 'bascule.db'}", master=MASTER, files=made / "files", audit=ARITHMETIC)
    store.transact(lambda tx: tx.stored.put("w", "f", "resume", "a", b"x" * 20_000, now=NOW))
    (made / "erasures.jsonl").write_text("{}\n")
    backup(store, made, tmp_path / "b.tar.gz", "w", now=NOW, keep=timedelta(days=3))
    with pytest.raises(InputError, match="exists"):
        backup(store, made, tmp_path / "b.tar.gz", "w", now=NOW, keep=timedelta(days=3))
    fresh = tmp_path / "fresh"
    restore(fresh, tmp_path / "b.tar.gz")
    assert len(list((fresh / "files").iterdir())) == 1
    with pytest.raises(ConflictError):
        restore(fresh, tmp_path / "b.tar.gz")
    (fresh / "erasures.jsonl").write_text('{}\n{"later": 1}\n')
    restore(fresh, tmp_path / "b.tar.gz", replace=True)
    assert (fresh / "erasures.jsonl").read_text() == '{}\n{"later": 1}\n'
    again = open_store(f"sqlite:///{fresh / 'bascule.db'}", master=MASTER, files=fresh / "files", audit=ARITHMETIC)
    address = again.query(lambda tx: tx.stored.of("a", "resume"))
    assert address is not None
    assert again.query(lambda tx: tx.stored.get(address)) == b"x" * 20_000
    asyncio.run(again.close())
    asyncio.run(store.close())
