"""Scoring throughput: resume text in, score with reasons out, nothing cached.

    python bench/scoring.py [--seconds 10] [--processes 2] [--json]

Every process scores the demo's resumes against the demo's jobs, each resume's text made different each time round
(a line is added), so that nothing could be answered from memory. The baseline in the same run is plain keyword
overlap: the share of the advert's different words that the resume holds, without reasons. The ratio says what the
reasons and the structure cost."""

import argparse
import asyncio
import json
import multiprocessing
import re
import time
from datetime import date
from pathlib import Path

from bascule.match import Matcher, Person, ResumeReader

MATERIAL = Path(__file__).parents[1] / "src" / "bascule" / "demo" / "material"
AS_OF = date(2026, 11, 1)
GOAL = 200.0
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
    gate: "multiprocessing.queues.Queue[str]",
    out: "multiprocessing.queues.Queue[tuple[int, float, int, float, float]]",
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


def _case(work: Work, rubrics: list, number: int):
    text, job = work[number % len(work)]
    return f"{text}\nRun {number}", rubrics[job], Person()


def run(seconds: float = 10.0, processes: int = 2) -> dict[str, float | int | str | bool]:
    """Measure and return one row: resumes a second, the baseline's, their ratio, and the memory of one process."""
    work = texts()
    context = multiprocessing.get_context("spawn")
    gate, out = context.Queue(), context.Queue()
    crew = [context.Process(target=measure, args=(work, seconds, gate, out)) for _ in range(processes)]
    for process in crew:
        process.start()
    for _ in crew:
        out.get()
    memory = sum(_pss(process.pid) for process in crew) / processes
    for _ in crew:
        gate.put("go")
    results = [out.get() for _ in crew]
    for process in crew:
        process.join()
    rate = sum(done / spent for done, spent, *_ in results)
    baseline = sum(plain / spent for _, _, plain, spent, _ in results)
    words = sum(len(text.split()) for text, _ in work) / len(work)
    return {
        "what": "scoring, text in, score with reasons out",
        "resumes_per_s": round(rate, 1),
        "goal_per_s": GOAL,
        "reached": rate >= GOAL,
        "baseline": "keyword overlap, no reasons",
        "baseline_per_s": round(baseline, 1),
        "ratio_to_baseline": round(rate / baseline, 4),
        "cpu_ms_per_resume": round(1000 * sum(r[4] for r in results) / sum(r[0] for r in results), 2),
        "processes": processes,
        "words_per_resume": round(words),
        "pss_mb_per_process": round(memory),
    }


def _pss(pid: int | None) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if not rollup.exists():
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup.read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def markdown(row: dict[str, float | int | str | bool]) -> str:
    """The row as a Markdown table."""
    keys = [key for key in row if key not in {"what", "baseline"}]
    return "\n".join(
        [
            f"Scoring; baseline: {row['baseline']}",
            "",
            "| " + " | ".join(keys) + " |",
            "|" + "---|" * len(keys),
            "| " + " | ".join(str(row[key]) for key in keys) + " |",
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Scoring throughput against plain keyword overlap.")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = run(arguments.seconds, arguments.processes)
    print(json.dumps(result) if arguments.json else markdown(result))
