"""`bascule enrich` and `bascule enrichment`: fill in what records lack, and answer what was found."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from bascule.core.enrichment import FIELDS, RESUME

from . import DATA, JSON, emit, fail, out, reached, table

app = typer.Typer(
    no_args_is_help=True, help="What was found of people: what waits for a yes, and who is asked about them."
)
WORDS = {
    "fill": "fills the gap", "add": "added beside", "propose": "waits for a yes", "same": "there already",
    "declined": "declined before", "passed": "left",
}  # fmt: skip
STALE, MISSING, AT = "stale", "missing:", "connection:"


def enrich(
    candidate: Annotated[str, typer.Argument(help="A candidate's id, as their page and the API give it.")] = "",
    job: Annotated[str, typer.Option(help="Instead: everybody who has applied for this job.")] = "",
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            help=f"Instead, or besides: stale, missing:FIELD ({', '.join(FIELDS)}), connection:NAME; may be repeated.",
        ),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="resume (the default), or a provider's name; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option(help="People at most, of many.")] = 100,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without it, what would be done is shown.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Fill in what records lack, from CVs and from providers: gaps are filled, e-mails and phones added beside, and
    what would replace a value waits for a yes. Shows what it would do, unless --yes is given."""
    sources = source or [RESUME]
    if candidate:
        if job or filters:
            fail("Give a candidate, or --job and --filter, not both.")
        path = f"/candidates/{candidate}/enrichment"
        query = "&".join(f"sources={quote(one)}" for one in sources)
        found = reached(
            data, lambda reach: reach.post(path, {"sources": sources}) if yes else reach.get(f"{path}?{query}")
        )
        emit(found, as_json, lambda: _one(found, done=yes))
        return
    if not job and not filters:
        fail("Say whom: a candidate's id, --job JOB, or --filter (stale, missing:emails, connection:NAME).")
    body = {"job": job, "sources": sources, "limit": limit, "yes": yes, **_filters(filters or [])}
    many = reached(data, lambda reach: reach.post("/enrichment", body))
    emit(many, as_json, lambda: _many(many))


def _filters(given: list[str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for one in given:
        if one == STALE:
            chosen["stale"] = True
        elif one.startswith(MISSING):
            chosen["missing"] = one.removeprefix(MISSING)
        elif one.startswith(AT):
            chosen["connection"] = one.removeprefix(AT)
        else:
            fail(f"There is no filter {one!r}. There are: stale, missing:FIELD, connection:NAME.")
    return chosen


@app.command("proposals")
def proposals(
    field: Annotated[str, typer.Option(help="Only of this field.")] = "",
    source: Annotated[str, typer.Option(help="Only from this source.")] = "",
    job: Annotated[str, typer.Option(help="Only of who has applied for this job.")] = "",
    sure: Annotated[float, typer.Option(help="Only at least so confident, 0 to 1.")] = 0.0,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Values found that would replace what is there, or are not sure enough."""
    query = {"field": field, "source": source, "job": job, "sure": str(sure), "limit": "200"}
    found = reached(data, lambda reach: reach.get("/enrichment/proposals", **query))["items"]
    rows = table("name", "field", "now", "found", "source", "of", "sure", "review")
    for one in found:
        rows.add_row(
            one["name"], one["field"], _text(one["now"]), one["value"], one["source"], one["seen"],
            f"{one['confidence']:.2f}", one["review"],
        )  # fmt: skip
    emit(found, as_json, lambda: out.print(rows if found else "Nothing that was found waits for a yes."))


@app.command("decide")
def decide(
    answer: Annotated[str, typer.Argument(help="approve or decline")],
    field: Annotated[str, typer.Option(help="Only of this field.")] = "",
    source: Annotated[str, typer.Option(help="Only from this source.")] = "",
    job: Annotated[str, typer.Option(help="Only of who has applied for this job.")] = "",
    sure: Annotated[float, typer.Option(help="Only at least so confident, 0 to 1.")] = 0.0,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Answer all proposals that these find, in your name. Look first: bascule enrichment proposals."""
    given = {"field": field, "source": source, "job": job, "sure": sure}
    query = {name: str(value) for name, value in given.items()}
    if not yes:
        found = reached(data, lambda reach: reach.get("/enrichment/proposals", limit="200", **query))["items"]
        many = f"{len(found)}" if len(found) < 200 else "200 and more"
        typer.confirm(f"{answer.capitalize()} {many} proposals?", abort=True, err=True)
    done = reached(data, lambda reach: reach.post("/enrichment/proposals", {**given, "answer": answer}))
    rest = f" {done['failed']} could not be answered: they were, or the value has moved." if done["failed"] else ""
    emit(done, as_json, lambda: out.print(f"{done['done']} answered.{rest}"))


@app.command("switch")
def switch(
    connection: Annotated[str, typer.Argument(help="Name of a connection.")],
    on: Annotated[bool, typer.Option("--on/--off", help="Whether CVs that are read fill gaps by themselves.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Have the CVs read at a connection fill the gaps of their person's record by themselves, or not."""
    done = reached(data, lambda reach: reach.put(f"/connections/{connection}/enrichment", {"on": on}))
    said = "CVs that are read fill gaps by themselves." if on else "CVs fill nothing by themselves."
    emit(done, as_json, lambda: out.print(said))


PROVIDER = Annotated[str, typer.Argument(help="The provider; there is: peopledata (People Data Labs).")]


@app.command("show")
def show(data: DATA = None, as_json: JSON = False) -> None:
    """Who may be asked about people: address, price, what this month has used of its budget, and what is wrong."""
    found = reached(data, lambda reach: reach.get("/enrichment/providers"))["items"]

    def shown() -> None:
        for one in found:
            _provider(one)

    emit(found, as_json, shown)


@app.command("set")
def set_provider(
    provider: PROVIDER,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether it may be asked.")] = None,
    key: Annotated[str | None, typer.Option(help='The provider\'s key; "-" asks for it without showing it.')] = None,
    price: Annotated[float | None, typer.Option(help="Price of one look-up that finds somebody.")] = None,
    cost: Annotated[float | None, typer.Option(help="Money a calendar month may take.")] = None,
    currency: Annotated[str | None, typer.Option(help="The currency of both.")] = None,
    likelihood: Annotated[int | None, typer.Option(help="How sure the provider must be, 1 to 10.")] = None,
    fresh: Annotated[int | None, typer.Option(help="Days in which nobody is looked up again.")] = None,
    only_agreed: Annotated[
        bool | None,
        typer.Option("--only-agreed/--also-not-agreed", help="Only who has agreed to be considered again."),
    ] = None,
    informed: Annotated[
        bool | None,
        typer.Option("--informed/--not-informed", help="You have seen to it that people are told, and it is lawful."),
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="Another address than the provider's own.")] = None,
    allow_region: Annotated[
        list[str] | None, typer.Option(help="A region that requests may be worked on in; may be repeated.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="Where a host works that is none of the provider's own.")] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds to wait for an answer.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Switch a provider on or off, or change the choice. What is not given stays. Nobody is looked up because of it:
    that is asked for each time, by bascule enrich --source."""
    given: dict[str, Any] = {
        "on": on, "price": price, "cost": cost, "currency": currency, "likelihood": likelihood, "fresh": fresh,
        "only_agreed": only_agreed, "informed": informed, "base_url": base_url, "regions": allow_region,
        "region": region, "timeout": timeout,
    }  # fmt: skip
    body = {name: value for name, value in given.items() if value is not None}
    if key is not None:
        body["key"] = typer.prompt("key", hide_input=True) if key == "-" else key
    found = reached(data, lambda reach: reach.patch(f"/enrichment/providers/{provider}", body))
    emit(found, as_json, lambda: _provider(found))


@app.command("off")
def off(provider: PROVIDER, data: DATA = None, as_json: JSON = False) -> None:
    """Look nobody up there any more, and forget the key."""
    found = reached(data, lambda reach: reach.delete(f"/enrichment/providers/{provider}"))
    emit(found, as_json, lambda: _provider(found))


@app.command("lookups")
def lookups(
    limit: Annotated[int, typer.Option(help="How many.")] = 50, data: DATA = None, as_json: JSON = False
) -> None:
    """Who was looked up, the newest first: when, where, by what, for how much, and how it ended."""
    found = reached(data, lambda reach: reach.get("/enrichment/lookups", limit=str(limit)))["items"]
    rows = table("at", "candidate", "provider", "sent", "cost", "ms", "outcome", "found")
    for one in found:
        rows.add_row(
            one["at"][:19].replace("T", " "), one["candidate"] or "erased", one["provider"], one["sent"],
            f"{one['cost']:g}", str(one["ms"]), one["outcome"], str(one["found"]),
        )  # fmt: skip
    emit(found, as_json, lambda: out.print(rows if found else "Nobody has been looked up."))


def _provider(one: Any) -> None:
    lines = [f"{one['label']} ({one['provider']}): {'on' if one['on'] else 'off: nobody is looked up there'}."]
    if one["on"]:
        lines += [
            f"Asked at {one['address']}, {'this machine' if one['works_in'] == 'local' else one['works_in']}.",
            f"A look-up is {one['price']:g} {one['currency']}. This month: {one['lookups']} look-ups, "
            f"{one['spent']:.2f} of {one['cost']:.2f} {one['currency']}.",
            f"Asked about {'those who have agreed' if one['only_agreed'] else 'all who may be considered again'}, "
            f"each once in {one['fresh']} days, from likelihood {one['likelihood']}.",
        ]
        if not one["room"]:
            lines.append("The budget is used up: nobody is looked up until the next month.")
    for line in [*lines, *one["troubles"]]:
        out.print(line, markup=False, highlight=False)


def _one(found: Any, *, done: bool) -> None:
    out.print(f"{found['name']} lacks: {', '.join(found['missing']) or 'nothing that can be found'}.", markup=False)
    for why in found["stale"]:
        out.print(f"May be out of date: {why}.", markup=False)
    if not found["resume"]:
        out.print("No CV of theirs has been read.")
    if found["steps"]:
        out.print(_table(found["steps"]))
    for one in found["looked"]:
        out.print(f"{one['provider']}: {_asked(one, done)}", markup=False, highlight=False)
    would = [one for one in found["steps"] if one["effect"] in ("fill", "add", "propose")]
    if would and not done:
        out.print("Nothing was changed. Do it: --yes")


def _asked(one: Any, done: bool) -> str:
    if one["why"]:
        return str(one["why"])
    if not done:
        return "would be asked."
    return "knows nobody like that." if one["found"] is None else f"{one['found']} values."


def _many(found: Any) -> None:
    if found["begun"]:
        out.print(f"{found['begun']} people are being enriched. What waits for a yes: bascule enrichment proposals")
        return
    for one in found["items"]:
        out.print(f"{one['name']} ({one['candidate']})", style="bold", markup=False, highlight=False)
        out.print(_table(one["steps"]))
    for name, many in found["lookups"].items():
        out.print(f"{name}: {many} would be looked up, for {found['cost'][name]} at most.", markup=False)
    for why, many in found["left"].items():
        out.print(f"{many} would not be: {why}", markup=False)
    more = " The filter finds more: --limit" if found["more"] else ""
    counts = found["counts"]
    out.print(
        f"{found['people']} people: {counts.get('fill', 0)} gaps filled, {counts.get('add', 0)} values added beside, "
        f"{counts.get('propose', 0)} to wait for a yes. Nothing was changed; do it: --yes.{more}"
    )


def _table(steps: Any) -> Any:
    rows = table("field", "found", "source", "of", "sure", "what", "why")
    for one in steps:
        rows.add_row(
            one["field"], one["value"], one["source"], one["seen"], f"{one['confidence']:.2f}", WORDS[one["effect"]],
            one["why"],
        )  # fmt: skip
    return rows


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
