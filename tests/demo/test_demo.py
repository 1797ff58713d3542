"""The demo as a person starts it: the real command, two real sandboxes, Bascule's own server, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml import html

from bascule.demo.ledger import Ledger, percentile
from bascule.demo.material import Material, load
from bascule.demo.people import ELSEWHERE, ENTERPRISE, JOBS, STANDARD, TIERS, adverts, brought, former, named_after, own
from bascule.demo.run import Demo, DemoOptions
from bascule.errors import InputError
from bascule.match import likeness
from bascule.match.tidy import tidy

COMMAND = (sys.executable, "-c", "from bascule.cli import main; main()", "demo")
KEYS = [
    "applied", "scored", "written_back", "latency_p50_s", "latency_p95_s", "contact_fields_changed", "stage_to_ats_ok",
    "stage_from_ats_ok", "note_both_ways_ok", "tag_both_ways_ok", "duplicates", "dead_letters", "audit_verified",
    "unreadable", "rate_limit",
]  # fmt: skip


@pytest.fixture(scope="module")
def material() -> Material:
    return load()


def processes(mark: str) -> list[str]:
    """Command lines of running processes that hold `mark`."""
    lines: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return [line for line in lines if mark in line and "bascule" in line]


# --------------------------------------------------------------------------------------------------- the whole of it


def test_everything_that_the_demo_promises_holds(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    ended = subprocess.run([*COMMAND, "--once", "--json", "--data", str(data)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert list(found) == KEYS
    assert found["latency_p50_s"] <= found["latency_p95_s"]
    figures = {name: value for name, value in found.items() if not name.startswith("latency")}
    assert figures == {
        "applied": 60, "scored": 59, "written_back": 60, "contact_fields_changed": 0, "stage_to_ats_ok": True,
        "stage_from_ats_ok": True, "note_both_ways_ok": True, "tag_both_ways_ok": True, "duplicates": 0,
        "dead_letters": 0, "audit_verified": True, "unreadable": 1, "rate_limit": "750/30",
    }  # fmt: skip
    assert (data / "bascule.db").exists()
    assert not processes(str(data))


def until(done: Callable[[], Any], within: float = 120.0) -> Any:
    end = time.monotonic() + within
    while not (found := done()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)
    return found


def plays(begin: str, mail: str) -> str:
    """From the page to start from somebody applies with the CV it offers; the recruiter decides by the link in their
    letter; the letter that the candidate gets then."""
    with httpx2.Client(timeout=60, follow_redirects=True) as browser:
        until(lambda: "A hire can be played now" in browser.get(begin).text)
        links = [link for _, _, link, _ in html.document_fromstring(browser.get(begin).text).iterlinks()]
        careers = next(link for link in links if "/careers/jobs/" in link)
        assert f"{mail}/?to=robin.falk%40tenant.example" in links
        form = html.document_fromstring(browser.get(careers).text).forms[-1]
        given = {"first_name": "Nina", "last_name": "Player", "email": "nina@play.example", "consent": "yes"}
        asked = {key: "5" for key in form.fields if key.startswith("question_")}
        asked |= {
            one.name: one.value_options[-1] for one in form.iter("select") if str(one.name).startswith("question_")
        }
        resume = {"resume": ("nina.txt", browser.get(f"{begin}/cv").content)}
        sent = browser.post(str(httpx2.URL(careers).join(form.action)), data={**asked, **given}, files=resume)
        assert "has arrived" in sent.text, sent.text

        def letters(to: str) -> Any:
            return browser.get(f"{mail}/letters.json", params={"to": to}).json()

        (told,) = until(lambda: letters("robin.falk@tenant.example"))
        page = browser.get(told["links"][0])
        assert "Nina Player" in page.text
        assert not letters("nina@play.example"), "opening a link decides nothing"
        decide = next(one for one in html.document_fromstring(page.text).forms if "Send it" in one.text_content())
        browser.post(str(page.url.join(decide.action)), data={**decide.fields, "answer": "approve"}).raise_for_status()
        (invited,) = until(lambda: letters("nina@play.example"))
        door = browser.get(f"{begin}/bascule")
        enter = html.document_fromstring(door.text).forms[-1]
        browser.post(str(door.url.join(enter.action or "")), data=dict(enter.fields)).raise_for_status()
        assert "mei.tanaka@tenant.example" in browser.get(str(door.url.join("/interviews/setup"))).text
        return invited["text"]


def test_a_demo_of_ones_own_files_can_be_played_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    folder, data = tmp_path / "cvs", tmp_path / "demo"
    folder.mkdir()
    (folder / "jane-doe-resume.txt").write_text("Jane Doe. Registered nurse for ten years: triage, patient safety.")
    (folder / "2026_cv.html").write_text("<h1>Max</h1><p>Python developer since 2015: PostgreSQL, Docker.</p>")
    (folder / "notes.xlsx").write_bytes(b"not a CV")
    command = [*COMMAND, "--resumes", str(folder), "--data", str(data)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as demo:
        assert demo.stdout is not None
        said: list[str] = []
        try:
            for line in demo.stdout:
                said.append(line)
                if line.startswith("Written back"):
                    break
            begin = next(line.split()[2] for line in said if line.startswith("Start here"))
            mail = next(line.split()[2] for line in said if line.startswith("Everybody's mail"))
            invited = plays(begin, mail)
        finally:
            demo.send_signal(signal.SIGINT)
            rest, errors = demo.communicate()
    assert "/screening/" in invited
    assert (demo.returncode, errors) == (0, "")
    assert "2 of 2" in said[-1]
    assert any("/login?token=" in line for line in said)
    assert sum("/careers" in line for line in said) == 2
    assert "Stopping" in rest
    assert not processes(str(data))


# ------------------------------------------------------------------------------------------------------ who applies


def test_sixty_applications_go_to_four_jobs_at_two_kinds_of_account(material: Material) -> None:
    applying = own(material)
    assert len(applying) == 60
    assert len({one.job for one in applying}) == 4
    for tier in TIERS:
        assert {one.job for one in applying if one.tier == tier} == {one["title"] for one in adverts(material, tier)}


def test_everybody_applies_at_one_account_only_and_at_each_some_apply_twice(material: Material) -> None:
    applying = own(material)
    homes = {one.email: one.tier for one in applying}
    assert all(homes[one.email] == one.tier for one in applying)
    for tier in TIERS:
        mine = [one.email for one in applying if one.tier == tier]
        assert len(mine) > len(set(mine))


def test_two_come_under_a_second_address_and_are_asked_about(material: Material) -> None:
    """By what they enter alone: the same rare name, and one number without its country."""
    applying = own(material)
    for key, second in ELSEWHERE.items():
        first = next(one.applicant.email for one in material.applications if one.applicant.key == key)
        two = [
            likeness.person({**one.person, "emails": (one.email,), "phones": (one.person["phone"],)})
            for one in applying
            if one.email in (first, second)
        ]
        assert len(two) == 2
        assert likeness.compare(*two, lambda _: 2).verdict is likeness.Verdict.LIKELY


def test_what_is_closed_long_ago_has_titles_to_normalise_and_the_stages_of_a_job(material: Material) -> None:
    for tier in TIERS:
        old = former(material, tier)
        assert {one["status"] for one in old} == {"closed"}
        assert len([one for one in old if tidy(one["title"]) != one["title"]]) == 2
        assert old[0]["stages"] == adverts(material, tier)[0]["stages"]


def test_a_folder_of_ones_own_is_spread_over_all_four_jobs_with_a_name_for_everybody(
    material: Material, tmp_path: Path
) -> None:
    for number in range(8):
        (tmp_path / f"cv_{number}.PDF").write_bytes(b"%PDF-1.4")
    (tmp_path / "readme.md").write_text("not a CV")
    applying = brought(tmp_path, material)
    assert len(applying) == 8
    assert {one.job for one in applying} == {job.title for job in material.jobs}
    assert len({one.email for one in applying}) == 8
    assert all(one.person["first_name"] and one.person["last_name"] for one in applying)


@pytest.mark.parametrize(
    ("file", "first", "last"),
    [
        ("Emma_Lindgren_CV.pdf", "Emma", "Lindgren"),
        ("jane-doe-resume-final.docx", "Jane", "Doe"),
        ("Lebenslauf_ANNA MÜLLER 2026.pdf", "Anna", "Müller"),
        ("McKenzie, Rory O'Neil.txt", "McKenzie", "Rory O'Neil"),
        ("2026_cv.html", "Applicant", "7"),
        ("李雷_简历.pdf", "李雷", "简历"),
    ],
)
def test_names_are_read_from_file_names(file: str, first: str, last: str) -> None:
    person = named_after(Path(file), 7)
    assert (person["first_name"], person["last_name"]) == (first, last)
    assert person["email"].isascii()
    assert person["email"].endswith(".7@applicants.example")


async def test_a_folder_without_cvs_is_refused_with_what_would_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no CV") as caught:
        await Demo(DemoOptions(resumes=tmp_path)).run()
    assert ".docx" in str(caught.value)
    with pytest.raises(InputError, match="There is no folder"):
        await Demo(DemoOptions(resumes=tmp_path / "none")).run()


async def test_a_rate_nobody_understands_is_refused_with_an_example() -> None:
    with pytest.raises(InputError, match="75/30"):
        await Demo(DemoOptions(rate="fast")).run()


async def test_a_data_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other things already"):
        await Demo(DemoOptions(once=True, data=tmp_path)).run()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


# -------------------------------------------------------------------------------------------- what the changes tell


def change(seq: int, at: float, about: str, id: int, field: str | None, new: Any, actor: str = "api:Bascule") -> Any:
    action = "created" if field is None else "changed"
    return {
        "seq": seq,
        "at": at,
        "object": about,
        "id": id,
        "field": field,
        "new": new,
        "action": action,
        "actor": actor,
    }


def applied(seq: int, at: float, id: int, candidate: int, job: int) -> Any:
    return change(seq, at, "applications", id, None, {"candidate_id": candidate, "job_id": job}, "careers")


def told(tier: str, changes: Sequence[Mapping[str, Any]]) -> Ledger:
    ledger = Ledger(tier, {1: "Nurse", 2: "Cook: night shift"})
    ledger.take(changes)
    return ledger


def test_latency_runs_from_the_application_to_its_score_on_the_accounts_own_clock() -> None:
    ledger = told(
        ENTERPRISE,
        [
            applied(1, 10.0, 70, 60, 1),
            change(2, 10.5, "applications", 70, "custom_fields.bascule_ai_status", "scored"),
            change(3, 10.8, "applications", 70, "custom_fields.bascule_match_score", 81),
            change(4, 12.0, "applications", 70, "custom_fields.bascule_match_score", 84),
        ],
    )
    one = ledger.applications[70]
    assert one.written
    assert one.latency == pytest.approx(0.8)
    assert ledger.last == 4


def test_an_unreadable_cv_is_written_back_when_its_status_stands_there() -> None:
    waiting = change(2, 10.2, "applications", 70, "custom_fields.bascule_ai_status", "waiting")
    ledger = told(ENTERPRISE, [applied(1, 10.0, 70, 60, 1), waiting])
    assert not ledger.applications[70].written
    ledger.take([change(3, 11.0, "applications", 70, "custom_fields.bascule_ai_status", "unreadable")])
    one = ledger.applications[70]
    assert (one.written, one.scored, one.latency) == (True, None, 1.0)


def test_where_fields_stand_on_candidates_each_application_is_found_by_its_job() -> None:
    ledger = told(
        STANDARD,
        [
            applied(1, 10.0, 70, 60, 1),
            change(2, 11.0, "candidates", 60, "custom_fields.bascule_match_score", 50),
            change(3, 11.0, "candidates", 60, "custom_fields.bascule_match_score_by_job", "Nurse: 50"),
            change(4, 11.0, "candidates", 60, "custom_fields.bascule_ai_status_by_job", "Nurse: scored"),
            applied(5, 20.0, 71, 60, 2),
            change(
                6, 22.0, "candidates", 60, "custom_fields.bascule_match_score_by_job", "Cook: night shift: 9\nNurse: 50"
            ),
            change(
                7,
                22.0,
                "candidates",
                60,
                "custom_fields.bascule_ai_status_by_job",
                "Cook: night shift: scored\nNurse: scored",
            ),
        ],
    )
    assert [(one.latency, one.written) for one in ledger.applications.values()] == [(1.0, True), (2.0, True)]


def test_changed_contact_data_is_kept_for_judging_whoever_changed_it() -> None:
    ledger = told(ENTERPRISE, [change(1, 1.0, "candidates", 60, "email_addresses", [])])
    assert [one["field"] for one in ledger.contacts] == ["email_addresses"]


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95.0


def test_both_accounts_together_open_the_four_jobs(material: Material) -> None:
    assert {key for tier in TIERS for key in JOBS[tier]} == {job.key for job in material.jobs}
