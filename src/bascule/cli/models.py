"""`bascule models`: which model of others is asked, for what, where, for how much, and what was asked."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bascule.models.choice import LOCAL, Order, Provider, Purpose

from . import DATA, JSON, emit, out, reached, table

app = typer.Typer(no_args_is_help=True, help="Language models of others, off unless chosen: whose, for what, how much.")


@app.command("show")
def models_show(data: DATA = None, as_json: JSON = False) -> None:
    """What is chosen, where requests go, what this month has used of its budget, and what is wrong."""
    found = reached(data, lambda reach: reach.get("/models"))
    emit(found, as_json, lambda: _show(found))


@app.command("set")
def models_set(
    provider: Annotated[
        Provider | None, typer.Option(help="openai (and all that speaks its interface) or anthropic.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model, as the provider calls it.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Another address than the provider's own.")] = None,
    key: Annotated[str | None, typer.Option(help='The provider\'s key; "-" asks for it without showing it.')] = None,
    purpose: Annotated[
        list[Purpose] | None, typer.Option("--for", help="What it is asked for; may be repeated.")
    ] = None,
    allow_region: Annotated[
        list[str] | None,
        typer.Option(help="A region that requests may be worked on in (eu, us, global ...); may be repeated."),
    ] = None,
    region: Annotated[str | None, typer.Option(help="Where a host works that is none of the provider's own.")] = None,
    no_training: Annotated[
        bool | None,
        typer.Option(
            "--no-training/--no-training-unknown", help="You have seen to it that what is sent trains no model."
        ),
    ] = None,
    tokens: Annotated[int | None, typer.Option(help="Tokens a calendar month may take, read and written.")] = None,
    cost: Annotated[
        float | None, typer.Option(help="Money a calendar month may take (0: no limit of its own).")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="The currency of prices and of --cost.")] = None,
    price_in: Annotated[float | None, typer.Option(help="Price of a million tokens read.")] = None,
    price_out: Annotated[float | None, typer.Option(help="Price of a million tokens written.")] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds to wait for an answer.")] = None,
    retries: Annotated[int | None, typer.Option(help="How often a question without an answer is asked again.")] = None,
    order: Annotated[
        Order | None,
        typer.Option(
            help="What orders the top of lists: score; minilm (on this machine); remote (a provider's model)."
        ),
    ] = None,
    embedding: Annotated[str | None, typer.Option(help="The provider's embedding model, for --order remote.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Choose a model of others, or change the choice. What is not given stays. Nothing is asked about the past: the
    next score is the first. Only blanked text leaves, without name and contact data."""
    given: dict[str, Any] = {
        "provider": provider, "model": model, "base_url": base_url, "purposes": purpose, "regions": allow_region,
        "region": region, "no_training": no_training, "tokens": tokens, "cost": cost, "currency": currency,
        "price_in": price_in, "price_out": price_out, "timeout": timeout, "retries": retries,
        "order": order, "embedding": embedding,
    }  # fmt: skip
    body = {name: value for name, value in given.items() if value is not None}
    if cost == 0:
        body["cost"] = None
    if key is not None:
        body["key"] = typer.prompt("key", hide_input=True) if key == "-" else key
    found = reached(data, lambda reach: reach.patch("/models", body))
    emit(found, as_json, lambda: _show(found))


@app.command("off")
def models_off(data: DATA = None, as_json: JSON = False) -> None:
    """Ask no model of others any more, and forget the key."""
    found = reached(data, lambda reach: reach.delete("/models"))
    emit(found, as_json, lambda: _show(found))


@app.command("test")
def models_test(data: DATA = None, as_json: JSON = False) -> None:
    """Ask the chosen model for a word. Nothing of anybody is sent. Exit 1 when it does not answer."""
    found = reached(data, lambda reach: reach.post("/models/test", {}))
    said = f"{found['model']} answered in {found['ms']} ms." if found["ok"] else found["what"]
    emit(found, as_json, lambda: out.print(said, markup=False, highlight=False))
    if not found["ok"]:
        raise typer.Exit(1)


@app.command("calls")
def models_calls(
    limit: Annotated[int, typer.Option(help="How many.")] = 50, data: DATA = None, as_json: JSON = False
) -> None:
    """What was asked, the newest first: when, what for, with which prompt, tokens, cost, and how it ended. No text of
    it is kept."""
    found = reached(data, lambda reach: reach.get("/models/calls", limit=str(limit)))["items"]
    rows = table("at", "for", "model", "prompt", "tokens", "cost", "ms", "outcome", "kept", "dropped")
    for one in found:
        rows.add_row(
            one["at"][:19].replace("T", " "), one["purpose"], f"{one['provider']}:{one['model']}", one["prompt"],
            f"{one['tokens_in']}+{one['tokens_out']}", f"{one['cost']:g}", str(one["ms"]), one["outcome"],
            str(one["kept"]), str(one["dropped"]),
        )  # fmt: skip
    emit(found, as_json, lambda: out.print(rows if found else "Nothing has been asked."))


def _show(found: Any) -> None:
    lists = f"The top of lists is ordered by score{' and ' + found['ordered_by'] if found['ordered_by'] else ''}."
    if found["ordered_next"]:
        lists += f" Vectors of {found['ordered_next']} are being made: {found['jobs_left']} jobs are left."
    if found["provider"] is None:
        out.print("No model of others is asked. Choose one: bascule models set --help")
        out.print(lists, markup=False, highlight=False)
        return
    used, where = found["used"], "this machine" if found["works_in"] == LOCAL else found["works_in"]
    money = f" of {found['cost']:g}" if found["cost"] is not None else ""
    lines = [
        f"{found['provider']}: {found['model']} at {found['address']}: {where}.",
        f"Asked for: {', '.join(found['purposes']) or 'nothing yet (--for)'}.",
        f"Regions allowed: {', '.join(['this machine', *found['regions']])}.",
        f"This month: {used['calls']} requests, {used['tokens']} of {found['tokens']} tokens, "
        f"{used['cost']:.4f}{money} {found['currency']}; {used['dropped']} things dropped that did not hold.",
    ]
    lines.append(lists)
    if not found["room"]:
        lines.append("The budget is used up: what is made here is used until the next month.")
    if not found["installed"]:
        lines.append("The library is not installed. Type: pip install 'bascule[llm]'")
    for line in filter(None, [*lines, *found["troubles"], found["data_use"]]):
        out.print(line, markup=False, highlight=False)
