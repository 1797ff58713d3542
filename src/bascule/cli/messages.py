"""`bascule messages`: what is said to candidates and what they answer, templates, and the mail server."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from . import DATA, JSON, emit, fail, out, reached, settings_file, table
from .reach import Reach

LACKS = "no template. Print one to edit: bascule messages templates next-step"
app = typer.Typer(no_args_is_help=True, help="Messages to candidates, and their answers.")


@app.command("list")
def listed(
    state: Annotated[str, typer.Option(help="held, due, sent, bounced, withheld, unknown, received ...")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Messages, the newest first."""
    found = reached(data, lambda reach: reach.get("/messages", state=state))

    def told() -> None:
        rows = table("at", "to or from", "subject", "state", "id")
        for one in found["items"]:
            said = one["state"] + (f": {one['why']}" if one["why"] else "")
            rows.add_row((one["sent"] or one["created"])[:16], one["to"], one["subject"], said, one["id"])
        out.print(rows if found["items"] else "No messages yet.")

    emit(found, as_json, told)


@app.command("send")
def send(
    application: Annotated[str, typer.Argument(help="The application's id.")],
    template: Annotated[str, typer.Argument(help="A template's name.")],
    language: Annotated[str, typer.Option(help="Instead of the workspace's.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only show it.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Send a message in your name, as soon as quiet hours allow."""
    body = {"application": application, "template": template, "language": language}
    path = "/messages/preview" if preview else "/messages"
    found = reached(data, lambda reach: reach.post(path, body))

    def told() -> None:
        out.print(f"To: {found['to']}\nSubject: {found['subject']}\n\n{found['text']}", highlight=False, markup=False)
        out.print(f"It would be withheld: {found['why']}." if found["why"] else f"State: {found['state']}.")

    emit(found, as_json, told)


@app.command("back")
def back(
    message: Annotated[str, typer.Argument(help="The message's id.")] = "",
    trigger: Annotated[str, typer.Option(help="Instead: all messages of this rule.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Take back what has not left: it waits for a person again."""
    if bool(message) == bool(trigger):
        fail("Name a message, or a rule: bascule messages back ID, or bascule messages back --trigger NAME")
    path = f"/messages/back/{trigger}" if trigger else f"/messages/{message}/back"
    found = reached(data, lambda reach: reach.post(path, {}))

    def said() -> None:
        if trigger:
            out.print(f"{found['taken_back']} taken back, {found['left']} had left.")
        else:
            out.print(f"Taken back. State: {found['state']}.")

    emit(found, as_json, said)


@app.command("receive")
def receive(
    letter: Annotated[str, typer.Argument(help="A file with the letter as it arrived, or - for standard input.")] = "-",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Put a letter that came in to the thread it answers; for a mail server's pipe."""
    try:
        raw = sys.stdin.buffer.read() if letter == "-" else Path(letter).read_bytes()
    except OSError as error:
        fail(f"{letter} cannot be read: {error}")
    body = {"letter": base64.b64encode(raw).decode()}
    found = reached(data, lambda reach: reach.post("/messages/received", body))
    said = "It is in its thread." if found["message"] else "It answers no message of ours; it was not kept."
    emit(found, as_json, lambda: out.print(said))


@app.command("templates")
def templates(
    name: Annotated[str, typer.Argument(help="Show one whole.")] = "",
    change: Annotated[Path | None, typer.Option("--set", help="A YAML file of it.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Every template; one as a file to edit; or write one anew."""
    asked = settings_file(change, LACKS) if change is not None else None
    if asked is not None and not name:
        fail("Say which template: bascule messages templates NAME --set FILE")

    async def go(reach: Reach) -> Any:
        if asked is not None:
            return await reach.put(f"/messages/templates/{name}", asked)
        items = (await reach.get("/messages/templates"))["items"]
        if not name:
            return {"items": items, "next": None}
        one = next((each for each in items if each["name"] == name), None)
        if one is None:
            fail(f"There is no template {name}. See: bascule messages templates")
        return one

    found = reached(data, go)

    def told() -> None:
        if "items" not in found:
            kept = {key: value for key, value in found.items() if key != "name"}
            typer.echo(yaml.safe_dump(kept, allow_unicode=True, sort_keys=False), nl=False)
            return
        rows = table("template", "languages", "subject", "turns away")
        for one in found["items"]:
            subject = next(iter(one["words"].values()))["subject"]
            rows.add_row(one["name"], ", ".join(one["words"]), subject, "yes" if one["rejects"] else "")
        out.print(rows)

    emit(found, as_json, told)


@app.command("rates")
def rates(data: DATA = None, as_json: JSON = False) -> None:
    """How messages are answered, by template, job and sender."""
    found = reached(data, lambda reach: reach.get("/messages/rates"))

    def told() -> None:
        rows = table("template", "job", "sender", "sent", "answered", "bounced")
        for one in found["items"]:
            rows.add_row(*(str(one[key]) for key in ("template", "job", "sender", "sent", "answered", "bounced")))
        out.print(rows if found["items"] else "Nothing has been sent yet.")

    emit(found, as_json, told)


@app.command("server")
def server(
    host: Annotated[str, typer.Argument(help="The mail server; left out: show what is entered.")] = "",
    port: Annotated[int, typer.Option(help="465 for tls, 587 for starttls.")] = 587,
    security: Annotated[str, typer.Option(help="tls, starttls, or none on this machine.")] = "starttls",
    sender: Annotated[str, typer.Option("--from", help="The address letters come from.")] = "",
    name: Annotated[str, typer.Option(help="How the employer signs.")] = "",
    username: Annotated[str, typer.Option(help="To log in with.")] = "",
    password: Annotated[str, typer.Option(envvar="BASCULE_MAIL_PASSWORD", help="Better by its variable.")] = "",
    answers: Annotated[str, typer.Option(help="A mailbox that also takes NAME+anything@DOMAIN.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Where messages leave. A test letter to the sender must be taken first."""
    body = {
        "host": host, "port": port, "security": security, "sender": sender, "name": name, "username": username,
        "password": password, "answers": answers,
    }  # fmt: skip
    found = reached(data, lambda reach: reach.put("/messages/server", body) if host else reach.get("/messages/setup"))

    def told() -> None:
        at = found["server"]
        if at is None:
            out.print("No mail server is entered: messages wait. bascule messages server HOST --from ... --name ...")
            return
        out.print(f"{at['name']} <{at['sender']}> by {at['host']}:{at['port']} ({at['security']})", highlight=False)
        days = ", ".join(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day] for day in found["days"])
        out.print(f"From {found['begin']} to {found['end']} o'clock {found['zone']}, {days}.", highlight=False)

    emit(found, as_json, told)


@app.command("mailbox")
def mailbox(
    host: Annotated[str, typer.Argument(help="The IMAP server; left out: show what is entered.")] = "",
    port: Annotated[int, typer.Option(help="993 for tls, 143 for starttls.")] = 993,
    security: Annotated[str, typer.Option(help="tls, starttls, or none on this machine.")] = "tls",
    username: Annotated[str, typer.Option(help="To log in with.")] = "",
    password: Annotated[str, typer.Option(envvar="BASCULE_MAILBOX_PASSWORD", help="Better by its variable.")] = "",
    folder: Annotated[str, typer.Option(help="Where answers lie.")] = "INBOX",
    leave: Annotated[bool, typer.Option("--leave", help="Read it no more.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Read answers from a mailbox by IMAP, once a minute. Nothing in it is marked, moved or deleted."""
    body = {
        "host": host, "port": port, "security": security, "username": username, "password": password, "folder": folder,
    }  # fmt: skip

    async def go(reach: Reach) -> Any:
        if leave:
            return await reach.delete("/messages/mailbox")
        return await (reach.put("/messages/mailbox", body) if host else reach.get("/messages/setup"))

    found = reached(data, go)

    def told() -> None:
        at = found["mailbox"]
        if at is None:
            out.print("No mailbox is read. bascule messages mailbox HOST --username ...")
            return
        read = f", read {at['read'][:16]}" if at["read"] else ""
        where = f"{at['username']}, {at['folder']}, at {at['host']}:{at['port']} ({at['security']}){read}"
        out.print(where, markup=False, highlight=False)

    emit(found, as_json, told)


@app.command("hours")
def hours(
    begin: Annotated[int, typer.Argument(help="The first hour at which messages leave.")],
    end: Annotated[int, typer.Argument(help="The hour at which they stop.")],
    zone: Annotated[str, typer.Option(help="For instance Europe/Berlin.")] = "UTC",
    days: Annotated[str, typer.Option(help="0 is Monday.")] = "0,1,2,3,4",
    language: Annotated[str, typer.Option(help="In which language messages are, where nothing else says.")] = "en",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """When messages leave."""
    chosen = [int(one) for one in days.split(",") if one.strip().isdigit()]
    body = {"begin": begin, "end": end, "days": chosen, "zone": zone, "language": language}
    found = reached(data, lambda reach: reach.put("/messages/hours", body))
    emit(found, as_json, lambda: out.print(f"Messages leave from {begin} to {end} o'clock, {zone}."))
