"""A person decides here only as their own user of the ATS; the page says beforehand what the ATS may do besides; and
what people do is an entry of the audit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bascule.model import Actor, ActorKind, Family, Kind, Link, Mode, Pair, Record, Review, ReviewKind, Source
from bascule.server.roles import Scope
from bascule.store import Tx
from bascule.store.decisions import DecisionDesk
from bascule.store.people import User

from .conftest import SOMEBODY, Bench
from .test_api import key

AI = Actor(ActorKind.AI, "match", "Bascule match")


@dataclass(frozen=True)
class Case:
    """Ada has applied to a job with two stages; an AI proposes the second one."""

    connection: str
    candidate: str
    application: str
    stages: tuple[str, str]
    review: str


async def applied(bench: Bench, mode: Mode = Mode.LIVE) -> Case:
    row = await bench.connection()
    app, now, ids = bench.app, bench.app.runtime.now(), bench.app.runtime.id
    source = Source(row.id, SOMEBODY, "read", now)

    def record(kind: Kind, family: str, parent: str | None, **fields: object) -> Record:
        return Record(ids(), app.workspace, kind, family, parent, fields, dict.fromkeys(fields, source), row.id, now)  # type: ignore[arg-type]

    def save(tx: Tx) -> Case:
        tx.connections.set(replace(tx.connections.get(row.id), mode=mode, crawled=True))
        home = ids()
        job = record(Kind.JOB, home, None, title="Welder", status="open", requisition="R-7")
        one = record(Kind.STAGE, home, job.id, name="Application review", order=1)
        two = record(Kind.STAGE, home, job.id, name="Interview", order=2)
        steps = [Link(ids(), row.id, r.kind, n, r.id) for r, n in ((job, "5"), (one, "501"), (two, "502"))]
        records, known = {r.id: r for r in (job, one, two)}, {link.id: link for link in steps}
        tx.families.save(None, Family(home, app.workspace, Kind.JOB, 0, "s", records, known), now=now)
        family = ids()
        ada = record(Kind.CANDIDATE, family, None, first_name="Ada", last_name="Byron", emails=("ada@mail.example",))
        asked = record(Kind.APPLICATION, family, ada.id, job=job.id, stage=one.id, status="active")
        person = Link(ids(), row.id, Kind.CANDIDATE, "77", ada.id)
        link = Link(ids(), row.id, Kind.APPLICATION, "78", asked.id, pairs={"stage": Pair("501", "501")})
        detail = {"base": {"stage": one.id}, "proposed": two.id}
        review = Review(
            ids(),
            ReviewKind.PROPOSAL,
            asked.id,
            row.id,
            "stage",
            f"{asked.id}|stage",
            detail,
            AI,
            now,  # type: ignore[arg-type]
        )
        made = Family(
            family, app.workspace, Kind.CANDIDATE, 0, "s", {r.id: r for r in (ada, asked)},
            {one.id: one for one in (person, link)}, reviews={review.id: review},
        )  # fmt: skip
        tx.families.save(None, made, now=now)
        return Case(row.id, ada.id, asked.id, (one.id, two.id), review.id)

    case = await app.store.write(save)
    await app.connections.refresh()
    return case


async def be_dana(bench: Bench, case: Case) -> None:
    """The person who is logged in is user 41 there."""
    users = await bench.app.store.read(lambda tx: tx.people.users(bench.app.workspace))
    mine = [replace(user, identities={case.connection: "41"}) for user in users]
    await bench.app.store.write(lambda tx: [tx.people.set_user(user) for user in mine])
    await bench.app.connections.refresh()


async def stage_of(bench: Bench, case: Case) -> object:
    found = await bench.app.store.read(lambda tx: tx.families.records(bench.app.workspace, [case.application]))
    return found[case.application].fields["stage"]


async def test_somebody_who_is_nobody_in_the_ats_is_led_there_instead(inside: Bench) -> None:
    case = await applied(inside)
    page = (await inside.browser.get(f"/candidates/{case.candidate}")).text
    assert "You are not mapped to a Greenhouse user" in page
    assert 'href="https://app.greenhouse.io/people/77"' in page
    assert "Move to another stage" not in page
    answer = await inside.post(f"/applications/{case.application}/move", stage=case.stages[1])
    assert answer.status_code == 303
    assert "You are not mapped to a user" in (await inside.browser.get("/candidates")).text
    assert await stage_of(inside, case) == case.stages[0]


async def test_where_nothing_is_written_decisions_are_made_in_the_ats(inside: Bench) -> None:
    case = await applied(inside, Mode.SHADOW)
    await be_dana(inside, case)
    page = (await inside.browser.get(f"/candidates/{case.candidate}")).text
    assert "The connection is in shadow, so decisions are made in Greenhouse." in page
    assert 'href="https://app.greenhouse.io/people/77"' in page


async def test_before_a_move_the_page_says_whether_the_candidate_may_be_e_mailed(inside: Bench) -> None:
    case = await applied(inside)
    await be_dana(inside, case)
    page = (await inside.browser.get(f"/candidates/{case.candidate}")).text
    form = page.split(f'action="/applications/{case.application}/move"')[1].split("</form>")[0]
    assert "e-mail" in form
    assert "once Greenhouse confirms it" in form
    assert "Move in Greenhouse as user 41" in form
    await inside.post(f"/applications/{case.application}/move", stage=case.stages[1])
    page = (await inside.browser.get(f"/candidates/{case.candidate}")).text
    assert "Waiting for the ATS to confirm" in page  # the click is not the decision


async def test_a_proposed_move_is_approved_only_as_ones_own_user(inside: Bench) -> None:
    case = await applied(inside)
    page = (await inside.browser.get(f"/review/{case.review}")).text
    assert "You are not mapped to a Greenhouse user" in page
    assert ">Approve<" not in page
    await inside.post(f"/review/{case.review}", answer="approve")
    assert await stage_of(inside, case) == case.stages[0]
    await be_dana(inside, case)
    page = (await inside.browser.get(f"/review/{case.review}")).text
    assert "Done in Greenhouse as user 41." in page
    assert "e-mail" in page
    await inside.post(f"/review/{case.review}", answer="approve")
    assert await stage_of(inside, case) == case.stages[1]


async def test_a_proposed_move_is_declined_by_anybody_who_may_decide(inside: Bench) -> None:
    case = await applied(inside)
    await inside.post(f"/review/{case.review}", answer="decline")
    assert "Declined" in (await inside.browser.get(f"/review/{case.review}")).text


# ------------------------------------------------------------------------------------------------------- the audit


async def last(bench: Bench, action: str):  # type: ignore[no-untyped-def]
    """The newest entry of an action, by a person."""
    found = await bench.app.store.read(lambda tx: tx.audit.of_action(bench.app.workspace, action, limit=1))
    assert found, action
    assert found[0].actor_kind == ActorKind.PERSON
    return found[0]


async def test_a_log_in_a_look_and_a_log_out_are_entries(inside: Bench) -> None:
    case = await applied(inside)
    assert (await last(inside, "log-in")).actor_id
    for path in (f"/candidates/{case.candidate}", f"/candidates/{case.candidate}/history"):
        await inside.browser.get(path)
    assert (await last(inside, "view")).record == case.candidate
    await inside.post("/logout")
    await last(inside, "log-out")


async def test_a_decision_is_an_entry_with_its_answer_and_about_whom(inside: Bench) -> None:
    case = await applied(inside)
    await be_dana(inside, case)
    await inside.post(f"/review/{case.review}", answer="approve")
    entry = await last(inside, "review decided")
    assert (entry.record, entry.detail["answer"], entry.detail["field"]) == (case.application, "approve", "stage")
    changed = await last(inside, "changed")
    assert changed.record == case.application
    assert "stage" in changed.values


async def test_a_move_and_a_rejection_are_entries_of_the_person_who_asked(inside: Bench) -> None:
    case = await applied(inside)
    await be_dana(inside, case)
    await inside.post(f"/applications/{case.application}/move", stage=case.stages[1])
    entry = await last(inside, "changed")
    assert (entry.record, "stage" in entry.values) == (case.application, True)


@pytest.mark.parametrize(
    ("path", "form", "action", "detail"),
    [
        ("/mapping/greenhouse/switch", {"field": "application.match_skills", "on": ""}, "mapping changed",
         {"field": "application.match_skills", "to": "off"}),
        ("/mapping/greenhouse/switch", {"field": "application.source", "on": ""}, "mapping changed",
         {"field": "application.source_id", "from": "both, ats", "to": "in, ats"}),
        ("/connections/greenhouse/mode", {"mode": "listen"}, "mode changed", {"from": "live", "to": "listen"}),
        ("/connections/greenhouse/pause", {}, "connection paused", {}),
        ("/connections/greenhouse/stop", {"why": "an audit"}, "writes stopped", {"why": "an audit"}),
        ("/connections/greenhouse/owner", {"owner": ""}, "owner named", {}),
        ("/connections/greenhouse/rights", {"granted": "harvest:candidates:list"}, "rights entered", {}),
        ("/connections/greenhouse/waive", {"reason": "known"}, "rights waived", {"reason": "known"}),
        ("/settings/people", {"name": "Jo", "email": "jo@mail.example", "role": "owner"}, "person added", {}),
        ("/settings/keys", {"name": "script", "scope": "status:read"}, "API key made", {}),
        ("/settings/retention", {"raw": "0", "payload": "7", "resume": "30", "text": ""}, "retention changed",
         {"raw": 0, "raw_before": 30, "text": None, "text_before": 30}),
        ("/audit/verify", {}, "audit verified", {}),
    ],
)  # fmt: skip
async def test_every_switch_is_an_entry_of_whoever_turned_it(
    inside: Bench, path: str, form: dict[str, str], action: str, detail: dict[str, object]
) -> None:
    await applied(inside)
    answer = await inside.post(path, **form)
    assert answer.status_code in (200, 303), answer.text
    entry = await last(inside, action)
    assert {key: entry.detail[key] for key in detail} == detail


async def test_what_a_file_of_the_pages_took_away_is_an_entry(inside: Bench) -> None:
    await applied(inside)
    await inside.browser.get("/candidates.csv")
    assert (await last(inside, "candidates exported")).detail["rows"] == 1
    await inside.browser.get("/audit/export")
    await last(inside, "audit exported")


async def test_a_decision_link_in_wrong_hands_is_ended_on_the_page_of_settings_and_by_programs(inside: Bench) -> None:
    app, now = inside.app, inside.app.runtime.now()
    rita = User(app.runtime.id(), app.workspace, "rita@tenant.example", "Rita Recruiter", "recruiter", now)
    desk = DecisionDesk(app.runtime.id(), app.workspace, rita.id, 1, now + timedelta(days=3))
    await app.store.write(lambda tx: (tx.people.set_user(rita), tx.decisions.set(desk)))
    assert "by which Rita Recruiter decides" in (await inside.browser.get("/settings")).text
    assert (await inside.post(f"/settings/people/{rita.id}/end-decision-link")).status_code == 303
    assert "by which Rita Recruiter decides" not in (await inside.browser.get("/settings")).text
    headers, path = await key(inside, Scope.ADMIN), f"/api/v1/decision-links/{rita.email}"
    assert (await inside.browser.delete(path, headers=headers)).status_code == 409
    await app.store.write(lambda tx: tx.decisions.set(replace(desk, issue=2)))
    assert (await inside.browser.delete(path, headers=headers)).status_code == 200
    kept = await app.store.read(lambda tx: tx.decisions.desk(desk.id))
    assert kept is not None
    assert (kept.issue, kept.expires <= app.runtime.now()) == (3, True)
