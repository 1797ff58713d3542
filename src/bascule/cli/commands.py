"""The commands, in the order of `bascule --help`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bascule.errors import BasculeError
from bascule.office.standing import span
from bascule.settings import Settings
from bascule.trust.backup import restore as putting_back

from . import (
    CLI,
    DATA,
    JSON,
    alerts,
    asked,
    calendars,
    connections,
    connector,
    connectors,
    copies,
    credential_links,
    datacheck,
    decision_links,
    duplicates,
    emit,
    enrichment,
    err,
    evaluate,
    fail,
    failures,
    fairness,
    handover,
    health,
    installation,
    interviews,
    jobs,
    kpis,
    mapping,
    messages,
    models,
    out,
    outcomes,
    parity,
    people,
    pilot,
    reached,
    read,
    retention,
    reviews,
    rubrics,
    run,
    runs,
    save_text,
    scores,
    screening,
    settings,
    shortlists,
    signin,
    subscriptions,
    table,
    tasks,
    taxonomy,
    triggers,
    undecided,
    workspaces,
)
from .reach import Reach
from .starting import uncollected

app = typer.Typer(
    name="bascule",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Keeps an applicant tracking system and the tools that help decide in step, both ways.",
)
candidates = typer.Typer(no_args_is_help=True, help="People, as the workspace knows them.")
audit = typer.Typer(no_args_is_help=True, help="Who did what, chained so that nothing can be changed unseen.")
keys = typer.Typer(no_args_is_help=True, help="API keys and the master key.")
app.add_typer(alerts.app, name="alerts")
app.add_typer(connections.app, name="connections")
app.command()(connectors.connectors)
app.command()(evaluate.evaluate)
app.add_typer(connector.app, name="connector")
app.add_typer(candidates, name="candidates")
app.add_typer(jobs.app, name="jobs")
app.add_typer(failures.app, name="failures")
app.add_typer(tasks.app, name="tasks")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(subscriptions.events, name="events")
app.add_typer(subscriptions.slack, name="slack")
app.add_typer(reviews.app, name="reviews")
app.add_typer(triggers.app, name="triggers")
app.add_typer(messages.app, name="messages")
app.add_typer(scores.app, name="scores")
app.add_typer(screening.app, name="screening")
app.add_typer(credential_links.app, name="credential-links")
app.add_typer(decision_links.app, name="decision-links")
app.add_typer(shortlists.app, name="shortlists")
app.add_typer(interviews.app, name="interviews")
app.add_typer(calendars.app, name="calendars")
app.add_typer(calendars.people, name="interviewers")
app.add_typer(audit, name="audit")
app.add_typer(mapping.app, name="mapping")
app.add_typer(copies.counterparts, name="counterparts")
app.add_typer(copies.copies, name="copies")
app.add_typer(models.app, name="models")
app.add_typer(enrichment.app, name="enrichment")
app.add_typer(signin.app, name="sign-in")
app.add_typer(keys, name="keys")


app.add_typer(workspaces.app, name="workspaces")


@app.callback()
def which(
    workspace: Annotated[
        str | None,
        typer.Option(help="Which workspace the command is about (else BASCULE_WORKSPACE, else the main one)."),
    ] = None,
) -> None:
    """Before every command."""
    asked.workspace = workspace


# ------------------------------------------------------------------------------------------------------------ running


@app.command()
def up(
    data: DATA = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (0: a free one).")] = None,
    as_json: JSON = False,
) -> None:
    """Start server and worker of every workspace in this process (Ctrl-C stops cleanly)."""
    with uncollected():
        from bascule.server.run import serve

    run(serve(installation(data, host=host, port=port), say=say_json if as_json else say))


@app.command()
def work(
    metrics_port: Annotated[
        int | None, typer.Option(help="Answer /metrics and /healthz of this process there (0: a free port).")
    ] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Start a worker of every workspace beside a server on one PostgreSQL."""
    with uncollected():
        from bascule.server.run import work as start

    chosen = installation(data)
    if chosen.database_url.startswith("sqlite"):
        fail("On SQLite one process does everything: `bascule up`. Further workers need PostgreSQL (BASCULE_DATABASE).")
    run(start(chosen, say=say_json if as_json else say, watched=metrics_port))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sandbox(
    context: typer.Context,
    system: Annotated[str, typer.Argument(help="Whose system; `list` names them all.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1 (0: a free one).")] = 8401,
    seed: Annotated[int, typer.Option(help="Same seed, same people.")] = 1,
    candidates: Annotated[int, typer.Option(help="How many candidates it holds.")] = 0,
    dirty: Annotated[bool, typer.Option("--dirty", help="Filled as real tenants look.")] = False,
    latency: Annotated[float, typer.Option(help="Seconds before each answer.")] = 0.0,
    jobs: Annotated[Path | None, typer.Option(help="A JSON file with the jobs to open.")] = None,
    faults: Annotated[Path | None, typer.Option(help="What goes wrong on purpose: YAML, JSON or TOML.")] = None,
    as_json: JSON = False,
) -> None:
    """Start a local server that behaves as a vendor's does; `SYSTEM -h` lists what else that one takes."""
    from bascule.sandbox.registry import PROGRAMS, load, names, program, says

    if system in PROGRAMS:
        told = [] if port == 8401 else ["--port", str(port)]
        told += ["--faults", str(faults)] if faults is not None else []
        program(system)([*told, *(["--json"] if as_json else []), *context.args], f"bascule sandbox {system}")
        return

    if system == "list":
        rows = table("Name", "What it simulates")
        told = {**{name: says(name) for name in names()}, **PROGRAMS}
        for name, what in told.items():
            rows.add_row(name, what)
        emit([{"name": name, "simulates": what} for name, what in told.items()], as_json, lambda: out.print(rows))
        return
    if system not in names():
        fail(f"There is no sandbox for {system!r}; there is: {', '.join([*names(), *PROGRAMS])}.")
    from bascule.sandbox.kit.server import options_of, own_arguments, serve

    vendor = load(system)
    own = own_arguments(vendor, context.args, f"bascule sandbox {system}")
    common = {
        "seed": seed,
        "candidates": candidates,
        "dirty": dirty,
        "latency": latency,
        "jobs": jobs,
        "faults": faults,
    }
    try:
        options = options_of(vendor, {**common, **own})
    except (OSError, ValueError) as error:
        fail(str(error))
    serve(vendor, port, options, as_json=as_json)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Run the checks, print the result, exit 0 or 1.")] = False,
    as_json: JSON = False,
    resumes: Annotated[Path | None, typer.Option(help="A folder of CVs to use instead of the demo's own.")] = None,
    data: Annotated[Path | None, typer.Option(help="Keep the data folder here (else it is thrown away).")] = None,
    rate: Annotated[str, typer.Option(help="The sandbox's rate limit; Greenhouse documents 75/30.")] = "750/30",
    port: Annotated[int, typer.Option(help="Port of Bascule (0: a free one).")] = 0,
    sandbox_port: Annotated[int, typer.Option(help="Port of the sandbox (0: a free one).")] = 0,
) -> None:
    """60 people apply to 4 jobs in a sandbox ATS; watch scores, reasons and skills appear there."""
    with uncollected():
        from bascule.demo.run import Demo, DemoOptions

    chosen = DemoOptions(
        once=once, as_json=as_json, resumes=resumes, data=data, rate=rate, port=port, sandbox_port=sandbox_port
    )
    raise typer.Exit(run(Demo(chosen).run()))


# ------------------------------------------------------------------------------------------------------------- reading


@app.command()
def backfill(
    connection: str,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Show progress until it is done.")] = True,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Read everything a system holds: newest first, resumable, readable from the first page on."""

    async def go(reach: Reach) -> Any:
        await reach.post(f"/connections/{connection}/backfill", {})
        return (
            await reach.follow(connection, show=None if as_json else out)
            if follow
            else await reach.get(f"/connections/{connection}/backfill")
        )

    progress = reached(data, go)
    emit(
        progress,
        as_json,
        lambda: out.print(
            f"{progress['objects']} objects read in {progress['pages']} pages: {progress['state']}. {_left(progress)}"
        ),
    )


app.command()(health.health)
app.command()(runs.pull)
app.command()(runs.push)
app.command()(parity.parity)
app.add_typer(fairness.app, name="fairness")
app.command()(read.read)
app.command()(rubrics.rubric)
app.command()(outcomes.outcomes)
app.command()(kpis.kpis)
app.command()(kpis.flow)
app.command()(undecided.undecided)
app.command()(taxonomy.taxonomy)
app.command()(pilot.pilot)
app.command()(handover.handover)
app.command("check-data")(datacheck.check_data)
app.command()(enrichment.enrich)
app.command()(duplicates.merge)
app.command()(duplicates.unmerge)
app.add_typer(duplicates.app, name="duplicates")


# ------------------------------------------------------------------------------------------------------------ looking


@app.command()
def incidents(
    connection: Annotated[str, typer.Option(help="Only this connection.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.")] = 20,
    show_one: Annotated[
        int | None, typer.Option("--show", help="Tell this one (its id) whole: who and what was late or missed.")
    ] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What disturbed connections (outages, refused credentials, rate limits, stops, silent webhooks, Bascule's own
    absence), and whose changes were late. Exit 1 while one lasts."""
    if show_one is not None:
        _incident(show_one, data, as_json)
        return
    found = reached(data, lambda reach: reach.get("/incidents", connection=connection, limit=str(limit)))

    def show() -> None:
        rows = table("id", "connection", "cause", "from", "to", "why", "open jobs", "candidates late", "still waiting")
        for one in found["items"]:
            ended = (one["ended"] or "lasts")[:16]
            late, left = str(one["late"]), str(one["left"])
            jobs = str(one["open_jobs"])
            rows.add_row(
                str(one["id"]), one["connection"] or "every one", one["cause"], one["began"][:16], ended, one["why"],
                jobs, late, left,
            )  # fmt: skip
        out.print(rows if found["items"] else "Nothing was disturbed for half a minute or more.")

    emit(found, as_json, show)
    if any(one["ended"] is None for one in found["items"]):
        raise typer.Exit(1)


def _incident(id: int, data: Path | None, as_json: bool) -> None:
    """One, with everybody whom it made late."""
    found = reached(data, lambda reach: reach.get(f"/incidents/{id}"))

    def show() -> None:
        name = found["connection"] or "every connection"
        until = (found["ended"] or "now")[:16]
        out.print(f"{name} ({found['cause']}): {found['began'][:16]} to {until}, {found['why']}")
        out.print(
            f"{found['open_jobs']} open requisitions, {len(found['candidates'])} candidates late, {found['high']} of "
            f"them high scorers, {found['left']} still waiting."
        )
        rows = table("candidate", "record", "score", "open", "what")
        for one in found["candidates"]:
            counted = Counter((write["what"], write["fate"]) for write in one["writes"])
            what = ", ".join(f"{n} {what} {fate}" for (what, fate), n in counted.items()) or "read late"
            score = "" if one["score"] is None else f"{one['score']:.0f}{' high' if one['high'] else ''}"
            rows.add_row(one["name"], one["record"], score, "yes" if one["urgent"] else "no", what)
        out.print(rows)

    emit(found, as_json, show)


@app.command()
def status(data: DATA = None, as_json: JSON = False) -> None:
    """Is everything in step? Exit 1 when it is not."""
    found = reached(data, lambda reach: reach.get("/status"))

    def show() -> None:
        out.print(found["words"] + ".", style="bold")
        for row in found["connections"]:
            people = row["objects"].get("candidate", 0)
            pace = f", written p50 {row['lag_p50_s']:.1f} s" if row["lag_p50_s"] is not None else ""
            head = f"{row['name']} ({row['label']}, {row['mode']}): {row['words']}."
            out.print(f"{head} {people} candidates, {row['waiting']} waiting{pace}.")
            if row["why"]:
                out.print(f"  {row['why']}")
        for notice in found["notices"]:
            out.print(f"! {notice['text']}")
        for task in found["tasks"]["escalated"]:
            out.print(f"! Nobody has done this in time (due {task['due'][:16]}): {task['what']}", highlight=False)
        if found["tasks"]["open"]:
            out.print(f"{found['tasks']['open']} tasks, {found['tasks']['overdue']} overdue: bascule tasks list")

    emit(found, as_json, show)
    if found["state"] not in ("in step", "catching up"):
        raise typer.Exit(1)


@candidates.command("list")
def candidates_list(
    q: Annotated[str, typer.Argument(help="Words of a name or e-mail.")] = "",
    limit: int = 50,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """People by name."""
    found = reached(data, lambda reach: reach.get("/candidates", q=q, limit=str(limit)))

    def show() -> None:
        rows = table("name", "e-mail", "best score", "id")
        for one in found["items"]:
            best = max((a["score"] for a in one["applications"] if a["score"] is not None), default=None)
            rows.add_row(one["name"], one["email"], "" if best is None else f"{best:g}", one["id"])
        out.print(rows if found["items"] else "Nobody found.")

    emit(found, as_json, show)


@candidates.command("show")
def candidates_show(id: str, data: DATA = None, as_json: JSON = False) -> None:
    """One person with applications, scores, notes and links."""
    found = reached(data, lambda reach: reach.get(f"/candidates/{id}"))
    emit(found, as_json, lambda: out.print_json(json.dumps(found, default=str)))


@candidates.command("apart")
def candidates_apart(
    id: Annotated[str, typer.Argument(help="Id of the record that was joined into another.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Undo a join: what still exists of the record is a person of its own again."""
    done = reached(data, lambda reach: reach.post(f"/candidates/{id}/apart", {}))
    emit(done, as_json, lambda: out.print("Told apart. Nothing is written to the ATS because of it."))


@app.command()
def history(
    record: Annotated[str, typer.Argument(help="Id of a candidate, application or job.")],
    limit: int = 50,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Why does it say this? Every change, with actor and cause, newest first."""
    found = reached(data, lambda reach: reach.get(f"/records/{record}/history", limit=str(limit)))

    def show() -> None:
        rows = table("when", "what", "field", "from", "to", "who", "why")
        for line in found["items"]:
            rows.add_row(
                line["at"][:19],
                line["what"],
                line.get("field", ""),
                _short(line.get("old")),
                _short(line.get("new")),
                line.get("actor", ""),
                line.get("why", ""),
            )
        out.print(rows if found["items"] else "Nothing yet.")

    emit(found, as_json, show)


@app.command()
def erase(
    candidate: Annotated[str, typer.Argument(help="Id of a candidate: `bascule candidates list` names them.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the certificate to a file.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Erase a person in every system that can and in every place here. There is no way back."""
    if not yes:
        typer.confirm(f"Erase candidate {candidate} everywhere, for good?", abort=True, err=True)

    async def work(reach: Reach) -> Any:
        told = await reach.post(f"/candidates/{candidate}/erase", {})
        for _ in range(120):
            if told["ended"]:
                break
            await asyncio.sleep(0.5)
            told = await reach.get(f"/erasures/{told['id']}")
        return told

    told = reached(data, work, working=True)
    if output is not None and told["ended"]:
        save_text(output, json.dumps(told, indent=1))
    emit(told, as_json, lambda: _show_erasure(told))


@app.command()
def erasures(data: DATA = None, as_json: JSON = False) -> None:
    """Erasures and how far they are, the newest first."""
    told = reached(data, lambda reach: reach.get("/erasures"))
    shown = table("id", "candidate", "begun", "ended")
    for one in told["items"]:
        shown.add_row(one["id"], one["candidate"], one["begun"], one["ended"] or "going on")
    emit(told, as_json, lambda: out.print(shown))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; the master key is not part of it.")],
    days: Annotated[int, typer.Option(help="After how many days you will throw it away.")] = 30,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Write a backup while everything runs."""
    told = reached(data, lambda reach: reach.post("/backup", {"file": str(file.resolve()), "days": days}))
    emit(told, as_json, lambda: out.print(f"{told['file']}, {told['size']} bytes. The master key is not included."))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `bascule backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the data that are there.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Put a backup in place; nothing of Bascule may run. Later erasures are done again at the next start."""

    async def work() -> Any:
        chosen = settings(data)
        return putting_back(chosen.data, file, database=chosen.database_url, replace=replace)

    told = run(work())
    own = asked.workspace
    start = f"bascule workspaces open {own}" if own else "bascule up"
    emit(told, as_json, lambda: out.print(f"The backup of {told['made']} is in place. Start: {start}"))


def _show_erasure(told: Any) -> None:
    if not told["ended"]:
        out.print(f"Erasure {told['id']} has begun and goes on by itself while the server runs: bascule erasures")
        return
    shown = table("place", "outcome")
    for one in told["certificate"]["places"]:
        shown.add_row(one["place"], one["outcome"])
    out.print(shown)


@audit.command("verify")
def audit_verify(data: DATA = None, as_json: JSON = False) -> None:
    """Walk the whole chain. Exit 1 when it does not hold."""
    found = reached(data, lambda reach: reach.get("/audit/verify"))
    emit(
        found,
        as_json,
        lambda: out.print(
            f"{found['entries']} entries, the chain holds."
            if found["ok"]
            else f"The chain is broken: {found['broken']}."
        ),
    )
    if not found["ok"]:
        raise typer.Exit(1)


@audit.command("export")
def audit_export(
    candidate: Annotated[str, typer.Option(help="Id of a candidate.")] = "",
    since: Annotated[datetime | None, typer.Option("--from", help="From this time (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="To this time (UTC).")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write (else standard output).")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Write a file that an outsider can verify without Bascule. It is JSON; --json says what was written where."""
    query: dict[str, str] = {"candidate": candidate} if candidate else {}
    if since is not None:
        query["from"] = since.replace(tzinfo=since.tzinfo or UTC).isoformat()
        query["to"] = (
            (until or datetime.now(UTC)).replace(tzinfo=(until or datetime.now(UTC)).tzinfo or UTC).isoformat()
        )
    if not query:
        fail("Name a candidate (--candidate ID) or a time (--from, --to).")
    found = reached(data, lambda reach: reach.get("/audit/export", **query))
    text = json.dumps(found, indent=2, ensure_ascii=False)
    if output is None:
        sys.stdout.write(text + "\n")
    else:
        save_text(output, text + "\n")
        said = {"entries": len(found["entries"]), "file": str(output)}
        emit(said, as_json, lambda: err.print(f"{said['entries']} entries in {output}."))


@keys.command("rotate")
def keys_rotate(data: DATA = None, as_json: JSON = False) -> None:
    """Make a new master key and wrap every other key with it, while running. The old one stays in the file until all
    keys are wrapped anew."""
    made = reached(data, lambda reach: reach.post("/keys/rotate", {}))
    emit(made, as_json, lambda: out.print(f"{made['rewrapped']} keys are wrapped with the new master key."))


@app.command()
def login(
    email: Annotated[str, typer.Argument(help="The user's e-mail.")] = "admin@localhost",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Print a link that logs a user in once."""
    made = reached(data, lambda reach: reach.post("/login-links", {"email": email}))

    def show() -> None:
        out.print(made["url"], highlight=False, soft_wrap=True)
        if made["warning"]:
            err.print(f"It will not open yet. {made['warning']}", markup=False, highlight=False, soft_wrap=True)

    emit(made, as_json, show)


class SimulatedSystems(StrEnum):
    MADE_UP = "made-up"
    MIXED = "mixed"


@app.command()
def simulate(
    seed: Annotated[int, typer.Option(help="The first seed. One seed is one run, to the last request.")] = 0,
    seeds: Annotated[int, typer.Option(help="How many seeds, from the first on.")] = 1,
    jobs: Annotated[int, typer.Option(help="How many processes share the seeds.")] = 1,
    systems: Annotated[
        SimulatedSystems,
        typer.Option(help="Systems made up to be hard, or the vendors' sandboxes by the real connectors."),
    ] = SimulatedSystems.MADE_UP,
    flow: Annotated[
        bool, typer.Option("--flow", help="With rules in force, mail, forms and interviews, on made-up systems.")
    ] = False,
    diary: Annotated[bool, typer.Option("--diary", help="With one seed: everything that happened.")] = False,
    scenario: Annotated[Path | None, typer.Option(help="Play the scenario of this file instead of a seed's.")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the scenario there as JSON; of a failing one, what is left of it.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Run the whole engine in virtual time against simulated systems, faults and crashes, and judge what came of it.
    Exit 1 when a promise was broken; the failing scenario is then made as small as it gets."""
    from .simulate import simulate as start

    mixed = systems is SimulatedSystems.MIXED
    if mixed and flow:
        fail("A run is with the vendors' sandboxes or with the hiring flow, not both.")
    found = start(seed, seeds, jobs, mixed=mixed, flow=flow, diary=diary, scenario=scenario, save=save)
    emit(found.told, as_json, lambda: found.show(say))
    if found.failed:
        raise typer.Exit(1)


app.command("rediscover")(people.rediscover)
app.command("find")(people.find)
app.command("rediscovery")(people.policy)
app.command("retention")(retention.retention)


@app.command()
def doctor(
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for the ping of a system whose webhooks never arrived yet.")
    ] = 30.0,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What is wrong, and the next command to type. Exit 1 when something is."""
    from .doctor import examine

    findings = run(examine(settings(data), wait, say=lambda text: err.print(text, highlight=False, soft_wrap=True)))

    def show() -> None:
        for one in findings:
            mark = {"ok": "[green]ok[/]", "look": "[yellow]look[/]", "wrong": "[red]wrong[/]"}[one.state]
            out.print(mark, end="  ")
            out.print(one.what, markup=False, emoji=False, highlight=False, soft_wrap=True)
            if one.next:
                out.print(
                    f"      -> {one.next}", style="dim", markup=False, emoji=False, highlight=False, soft_wrap=True
                )

    emit([one.as_json() for one in findings], as_json, show)
    if any(one.state == "wrong" for one in findings):
        raise typer.Exit(1)


def say(text: str, /, **_facts: str) -> None:
    """A line as it is: addresses stay whole."""
    out.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def say_json(_text: str, /, **facts: str) -> None:
    """The same for a program: a line of JSON."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _left(progress: Any) -> str:
    """How long a backfill will take, or why nobody knows."""
    return progress["why"] if progress["eta"] is None else f"About {span(progress['eta'])} left."


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


__all__ = ["BasculeError", "CLI", "Settings", "app", "asyncio"]
