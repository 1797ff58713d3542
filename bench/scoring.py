"""Scoring throughput: resume text in, score with reasons out, nothing cached.

Every process scores the demo's resumes against the demo's jobs, each resume's text made different each time round
(a line is added), so that nothing could be answered from memory. What a process keeps from one resume to the next is
what it keeps in life: the tables, and the tokens of words it has met. The baseline in the same run is plain keyword
overlap: the share of the advert's different words that the resume holds, without reasons. The ratio says what the
reasons and the structure cost.

A second row weighs stored evidence of 5,000 resumes against a job that is new to them, in one process, from stored
bytes to scores with reasons. Its baseline is to read the texts again."""

import asyncio
import json
import multiprocessing
import re
import time
from datetime import date
from multiprocessing.queues import Queue
from pathlib import Path

from bascule.match import Matcher, Person, Reading, ResumeReader, Rubric

from .processes import pss
from .rows import Row

MATERIAL = Path(__file__).parents[1] / "src" / "bascule" / "demo" / "material"
AS_OF = date(2026, 11, 1)
GOAL, SECONDS = 300.0, 10.0
STORED, WITHIN = 5000, 5.0
Work = list[tuple[str, int]]


def jobs() -> list[tuple[str, str]]:
    """Title and text of each demo job."""
    return [(job["title"], job["description"]) for job in json.loads((MATERIAL / "jobs.json").read_text("utf-8"))]


def texts() -> Work:
    """The text of every readable demo resume, and the number of the job it was sent to."""
    order = [job["key"] for job in json.loads((MATERIAL / "jobs.json").read_text("utf-8"))]

    async def read() -> Work:
        found: Work = []
        async with ResumeReader() as reader:
            for application in json.loads((MATERIAL / "applications.json").read_text("utf-8")):
                reading = await reader.read(
                    (MATERIAL / "files" / application["file"]).read_bytes(), application["file"]
                )
                if reading.status == "read":
                    found.append((reading.text, order.index(application["job"])))
        return found

    return asyncio.run(read())


def overlap(text: str, advert: frozenset[str]) -> float:
    """The baseline: how many of the advert's different words stand in the resume."""
    return 100 * len(advert & set(re.findall(r"\w+", text.lower()))) / len(advert)


def measure(
    work: Work,
    seconds: float,
    gate: "Queue[str]",
    out: "Queue[tuple[int, float, int, float, float]]",
) -> None:
    """One process: load, report ready, wait for the start, score for so long, then run the baseline."""
    matcher = Matcher()
    adverts = jobs()
    rubrics = [matcher.rubric_for(title, text) for title, text in adverts]
    words = [frozenset(re.findall(r"\w+", text.lower())) for _, text in adverts]
    matcher.score(*_case(work, rubrics, 0), AS_OF)
    out.put((0, 0.0, 0, 0.0, 0.0))
    gate.get()
    done, start, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds:
        score = matcher.score(*_case(work, rubrics, done), AS_OF)
        assert not score.scored or sum(part.points for part in score.parts) == score.tenths
        done += 1
    spent = time.perf_counter() - start
    used = time.process_time() - used
    plain, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds / 4:
        text, job = work[plain % len(work)]
        overlap(f"{text}\nRun {plain}", words[job])
        plain += 1
    out.put((done, spent, plain, time.perf_counter() - start, used))


def _case(work: Work, rubrics: list[Rubric], number: int) -> tuple[str, Rubric, Person]:
    text, job = work[number % len(work)]
    return f"{text}\nRun {number}", rubrics[job], Person()


def run(size: float = 1.0, processes: int = 2) -> list[Row]:
    """Two rows: of the first resumes a second, the baseline's, their ratio, and the memory of one process."""
    seconds, work = max(0.2, SECONDS * size), texts()
    context = multiprocessing.get_context("spawn")
    gate, out = context.Queue(), context.Queue()
    crew = [context.Process(target=measure, args=(work, seconds, gate, out)) for _ in range(processes)]
    for process in crew:
        process.start()
    for _ in crew:
        out.get()
    memory = sum(pss(process.pid or 0) for process in crew) / processes
    for _ in crew:
        gate.put("go")
    results = [out.get() for _ in crew]
    for process in crew:
        process.join()
    rate = sum(done / spent for done, spent, *_ in results)
    plain = sum(plain / spent for _, _, plain, spent, _ in results)
    cpu = 1000 * sum(r[4] for r in results) / sum(r[0] for r in results)
    words = round(sum(len(text.split()) for text, _ in work) / len(work))
    figures = {
        "resumes_per_s": round(rate, 1), "baseline_per_s": round(plain, 1), "cpu_ms_per_resume": round(cpu, 2),
        "processes": processes, "words_per_resume": words, "pss_mb_per_process": round(memory),
    }  # fmt: skip
    return [
        Row(
            "scoring", "Score a resume: text in, score with reasons out", round(rate / plain, 4),
            "resumes/s to baseline's",
            f"{rate:.0f}/s in {processes} processes; {cpu:.1f} ms of processor time; {memory:.0f} MB a process",
            f"share of the advert's words, no reasons: {plain:,.0f}/s", f"{GOAL:g}/s", rate >= GOAL, figures,
        ),
        again(work, size),
    ]  # fmt: skip


def again(work: Work, size: float) -> Row:
    """Stored evidence against a new job: seconds for 5,000 resumes, and those that reading the texts again takes."""
    matcher, many = Matcher(), max(20, round(STORED * size))
    (title, advert), *_ = jobs()
    rubric = matcher.rubric_for(f"{title}, second opening", advert)
    texts = [f"{work[at % len(work)][0]}\nRun {at}" for at in range(many)]
    readings = [Reading("read", text, "", 1, "", (), "") for text in texts]
    stored = [matcher.packed(matcher.study(reading, Person(), AS_OF)) for reading in readings]
    start, used = time.perf_counter(), time.process_time()
    scores = [matcher.judge(study, rubric, Person()) for kept in stored if (study := matcher.unpacked(kept))]
    spent, used = time.perf_counter() - start, time.process_time() - used
    sample = max(10, many // 10)
    start = time.perf_counter()
    plain = [matcher.score(text, rubric, Person(), AS_OF) for text in texts[:sample]]
    reading = (time.perf_counter() - start) * many / sample
    assert [score.tenths for score in scores[:sample]] == [score.tenths for score in plain]
    kept_bytes = round(sum(map(len, stored)) / many)
    figures = {
        "resumes": many, "seconds": round(spent, 2), "cpu_ms_per_resume": round(1000 * used / many, 2),
        "reading_again_s": round(reading, 2), "bytes_per_resume": kept_bytes,
    }  # fmt: skip
    return Row(
        "scoring", f"Score {many:,} stored resumes for a new job", round(reading / spent, 1),
        "seconds of reading again to seconds",
        f"{spent:.1f} s in one process; {1000 * used / many:.2f} ms of processor time and {kept_bytes:,} bytes each",
        f"reading their texts again: {reading:.1f} s", f"{WITHIN:g} s", spent * STORED / many <= WITHIN, figures,
    )  # fmt: skip
