"""A simulated applicant tracking system with the hard traits of real ones.

It remembers every state that every object has ever had and who made it, so that a run can be judged afterwards and a
lagging replica can show what was. It knows nothing of the bridge: it is asked by HTTP, and people use its methods.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bascule.engine.wire import WireRequest, WireResponse

from .loop import BEGINNING

State = dict[str, Any]
STAGES = ("applied", "screen", "assess", "interview", "offer")
FOLDED = {"applied": "new", "screen": "screening", "assess": "screening", "interview": "late", "offer": "late"}
ARCHIVED = "archived"
JOBS = ("engineer", "nurse")
PERSON, APPLICATION, NOTE, JOB = "person", "application", "note", "job"
SCORE = "score"  # the custom field that somebody may call otherwise
ON_HOLD = "on hold"  # a word that nobody has listed
TOKEN = "/token"
US, LATE, SOMEBODY, VENDOR = "us", "us, late", "somebody", "the system"


@dataclass(frozen=True, slots=True)
class Traits:
    """What makes one system harder than another."""

    answers: bool = True  # a write is answered with the object; else with nothing
    marker: bool = True  # objects can carry a caller's reference
    note_marker: bool = True
    shouts: bool = False  # last names become upper case, and the connector knows it
    prefixes: bool = False  # titles get a mark in front, and nobody knows it
    folds_tags: bool = False  # tags become lower case
    whole_tags: bool = False  # a call replaces all tags
    steps: bool = False  # an application moves one stage at a time
    folds_stages: bool = False  # several stages of ours are one there, and the status is a stage too
    late_ids: float = 0.0  # seconds until what was created has an id and can be read
    attaches: bool = False  # a person made again with a known e-mail is the known one
    deletes_notes: bool = True
    erases: str = ""  # "anonymise" or "remove" where a call erases a person, else somebody has to do it there by hand
    score_on: str = APPLICATION  # or PERSON
    tokens: float = 0.0  # seconds a token lives where one signs in with a client's secret; 0: a key with every request
    forgets: str = ""  # a field whose writes are accepted and not kept


@dataclass(slots=True)
class Entry:
    """One state of an object, from when on and by whose hand. `state` None: it is gone."""

    at: float
    state: State | None
    who: str
    changed: tuple[str, ...] = ()


@dataclass
class Thing:
    """One object and all it has ever been. `whose` names the person or thing of the real world behind it."""

    id: str
    kind: str
    parent: str | None
    whose: str
    log: list[Entry] = field(default_factory=list)
    shown_from: float = 0.0
    into: str = ""
    hidden: bool = False
    attached: list[State] = field(default_factory=list)  # what creations of ours said that were taken for this one

    @property
    def state(self) -> State | None:
        return self.log[-1].state

    def at(self, when: float) -> State | None:
        """What it was at that time; nothing before it could be read."""
        if when < self.shown_from:
            return None
        return next((entry.state for entry in reversed(self.log) if entry.at <= when), None)

    @property
    def by(self) -> str:
        return self.log[0].who


class Refused(Exception):
    """The system says no: a status and its words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Vendor:
    """One account at the simulated system."""

    def __init__(
        self, name: str, traits: Traits, clock: Callable[[], float], emit: Callable[[Vendor, State], None]
    ) -> None:
        self.name = name
        self.traits = traits
        self._clock = clock
        self._emit = emit
        self.things: dict[str, Thing] = {}
        self.key = f"{name}-key-1"
        self.secret = f"{name}-hook"
        self.hasty = False  # tokens live two seconds at the moment
        self._tokens: dict[str, float] = {}  # until when each is good
        self.skew = 0.0  # seconds by which its clock is wrong
        self.lacks = ""  # a field that there is no more at the moment
        self._lacks_since = 0.0
        self.lacked: list[tuple[str, float, float]] = []  # fields that there were not for a while: from, until
        self.requires = ""  # a field without which nobody is made at the moment
        self.ladders = {job: self._ladder(job) for job in JOBS}  # the stages of each job by id, in order
        self.renamed: list[tuple[float, str, str]] = []  # stages called otherwise: when, which, how
        self.retired: set[str] = set()  # stages that are gone
        self.score = SCORE  # what its custom field is called
        self.calls: list[tuple[float, str, str, str]] = []  # (when, who, what, whose) of what was written here
        self.needless: list[tuple[float, str, str]] = []  # calls of ours that found nothing to change
        self._count = 0

    def lack(self, name: str) -> None:
        """From now on there is no such field; empty: all are there again."""
        if self.lacks:
            self.lacked.append((self.lacks, self._lacks_since, self._clock()))
        self.lacks, self._lacks_since = name, self._clock()

    # ------------------------------------------------------------------------------------------------- looking

    def now(self, id: str) -> State | None:
        thing = self.things.get(id)
        return thing.state if thing else None

    def live(self, kind: str, whose: str = "") -> list[Thing]:
        return [t for t in self.things.values() if t.kind == kind and t.state is not None and whose in ("", t.whose)]

    def children(self, id: str, kind: str) -> list[Thing]:
        return [t for t in self.things.values() if t.parent == id and t.kind == kind and t.state is not None]

    def stage_id(self, job: str, stage: str) -> str:
        """The id of a stage by our name for it."""
        return f"{self.name}-{job}-{FOLDED[stage] if self.traits.folds_stages else stage}"

    def unknown(self, kind: str, name: str, value: Any) -> bool:
        """Whether a value of this field is a word that nobody has listed."""
        return kind == APPLICATION and name in ("status", "stage") and str(value or "").endswith(ON_HOLD)

    def _ladder(self, job: str) -> dict[str, str]:
        """The stages of a job at first; one that stands for several bears the name of the first."""
        names: dict[str, str] = {}
        for stage in STAGES:
            names.setdefault(self.stage_id(job, stage), stage)
        return names

    # ------------------------------------------------------------------------------------------- the schema changes

    def rename_stage(self, job: str, id: str, name: str) -> None:
        self.ladders[job][id] = name
        self.renamed.append((self._clock(), id, name))
        self._tell_of_job(job)

    def add_stage(self, job: str, name: str) -> str:
        """A stage more, before the last one."""
        id = f"{self.name}-{job}-{name}"
        *before, last = self.ladders[job].items()
        self.ladders[job] = dict([*before, (id, name), last])
        self._tell_of_job(job)
        return id

    def retire_stage(self, job: str, id: str) -> None:
        """A stage less; who stood in it stands in the one before."""
        ids = list(self.ladders[job])
        before = ids[ids.index(id) - 1]
        del self.ladders[job][id]
        self.retired.add(id)
        for one in self.live(APPLICATION):
            if (one.state or {}).get("stage") == id:
                self.change(one.id, {"stage": before}, VENDOR)
        self._tell_of_job(job)

    def _tell_of_job(self, job: str) -> None:
        id = f"{self.name}-{job}"
        self._emit(self, {"action": "changed", "kind": JOB, "id": id, "root": id, "into": ""})

    # ------------------------------------------------------------------------------------------------- changing

    def _stored(self, name: str, value: Any) -> Any:
        traits = self.traits
        if name == "last_name" and traits.shouts and isinstance(value, str):
            return value.upper()
        if name == "title" and traits.prefixes and isinstance(value, str):
            return f"~{value.lstrip('~')}"
        if name == "tags":
            return sorted({str(one).lower() if traits.folds_tags else str(one) for one in value or ()})
        return value

    def change(self, id: str, values: Mapping[str, Any], who: str, *, told: bool = True) -> None:
        """Set fields of an object; what did not move is not logged, and nobody is told of it; or of nothing."""
        thing = self.things[id]
        if thing.state is None:
            raise Refused(404, "gone")
        changed = {name: self._stored(name, value) for name, value in values.items()}
        if who != SOMEBODY and self.traits.forgets in changed:
            del changed[self.traits.forgets]
        changed = {name: value for name, value in changed.items() if thing.state.get(name) != value}
        if not changed:
            if who == US:
                self.needless.append((self._clock(), id, ",".join(sorted(values))))
            return
        state = {**thing.state, **changed, "updated": self._clock()}
        thing.log.append(Entry(self._clock(), state, who, tuple(changed)))
        if told:
            self._tell("changed", thing)

    def create(self, kind: str, parent: str | None, values: Mapping[str, Any], who: str, whose: str) -> str:
        self._count += 1
        id = f"{self.name}{self._count}"
        now = self._clock()
        state = {name: self._stored(name, value) for name, value in values.items()} | {"created": now, "updated": now}
        late = self.traits.late_ids if who != SOMEBODY else 0.0
        self.things[id] = Thing(id, kind, parent, whose, [Entry(now, state, who, tuple(values))], now + late)
        self._tell("changed", self.things[id])
        return id

    def remove(self, id: str, who: str, action: str = "deleted", into: str = "") -> None:
        """An object is gone, and what hangs on it too."""
        for child in [t for t in self.things.values() if t.parent == id and t.state is not None]:
            self.remove(child.id, who, "")
        thing = self.things[id]
        thing.log.append(Entry(self._clock(), None, who))
        thing.into = into
        if action:
            self._tell(action, thing)

    def merge(self, loser: str, survivor: str, who: str) -> None:
        """Two people become one; what hung on the one hangs on the other."""
        for child in self.things.values():
            if child.parent == loser:
                child.parent = survivor
                if child.state is not None:
                    child.log.append(Entry(self._clock(), {**child.state, "updated": self._clock()}, who))
        self.remove(loser, who, "merged", survivor)

    def anonymise(self, id: str, who: str) -> None:
        thing = self.things[id]
        if (thing.state or {}).get("anonymised"):
            return
        empty: State = {"first_name": "Anonymised", "last_name": id, "emails": [], "title": None, "company": None,
                        "anonymised": True}  # fmt: skip
        state = {**(thing.state or {}), **empty, "tags": [], "updated": self._clock()}
        thing.log.append(Entry(self._clock(), state, who))
        for note in self.children(id, NOTE):
            self.remove(note.id, who, "")
        self._tell("anonymised", thing)

    def _tell(self, action: str, thing: Thing) -> None:
        """A webhook, with the state as it is now: an old one when it arrives late."""
        root = thing.id if thing.kind == PERSON else thing.parent
        body: State = {"action": action, "kind": thing.kind, "id": thing.id, "root": root, "into": thing.into}
        if thing.state is not None and self._clock() >= thing.shown_from:
            body["object"] = self._shown(thing, thing.state)
        self._emit(self, body)

    def signed(self, body: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        raw = json.dumps(body).encode()
        digest = hmac.new(self.secret.encode(), raw, hashlib.sha256).hexdigest()
        return {"x-signature": digest}, raw

    # ------------------------------------------------------------------------------------------------ signing in

    @property
    def credentials(self) -> dict[str, str]:
        """What somebody enters in Bascule, as it is now."""
        return {"client_id": self.name, "client_secret": self.key} if self.traits.tokens else {"api_key": self.key}

    def replace_key(self) -> None:
        """The key, or the client's secret, is another from now on, and what was given for the old one is worth
        nothing."""
        self.key = f"{self.key}'"
        self.end_tokens()

    def end_tokens(self) -> None:
        self._tokens.clear()

    def _token(self, request: WireRequest) -> WireResponse:
        entered = base64.b64encode(f"{self.name}:{self.key}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {entered}":
            raise Refused(401, "invalid_client")
        self._count += 1
        life = 2.0 if self.hasty else self.traits.tokens
        token = f"{self.name}-token-{self._count}"
        self._tokens[token] = self._clock() + life
        return _json(200, {"access_token": token, "expires_in": life})

    def _known(self, request: WireRequest) -> bool:
        if not self.traits.tokens:
            return request.headers.get("x-key") == self.key
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self._clock() < self._tokens.get(token, 0.0)

    # ---------------------------------------------------------------------------------------------- asked by HTTP

    def answer(self, request: WireRequest, path: str, query: Mapping[str, str], who: str, lag: float) -> WireResponse:
        """Carry out one request and answer it. Reads show the account as it was `lag` seconds ago."""
        try:
            if self.traits.tokens and path == TOKEN:
                return self._token(request)
            if not self._known(request):
                raise Refused(401, "unknown key")
            if request.method == "GET":
                return _json(200, self._list(path, query, self._clock() - lag))
            body = self._by_our_names(json.loads(request.body or b"{}"))
            if self.lacks in body:
                raise Refused(422, f"there is no {self.lacks}")
            if self.requires and (request.method, path) == ("POST", "/people"):
                raise Refused(422, f"{self.requires} must be given")
            return self._write(request.method, path, body, who)
        except Refused as refused:
            return _json(refused.status, {"message": str(refused)})

    def _by_our_names(self, body: State) -> State:
        """What was sent, with the custom field by the name it has had first; refused by a name it has no more."""
        if self.score != SCORE and SCORE in body:
            raise Refused(422, f"there is no {SCORE}")
        return {SCORE if name == self.score else name: value for name, value in body.items()}

    def _list(self, path: str, query: Mapping[str, str], when: float) -> Any:
        match path:
            case "/account":
                return {"fields": [{"id": SCORE, "key": self.score, "name": "Match score"}]}
            case "/jobs":
                return [
                    {"id": f"{self.name}-{job}", "title": job} for job in JOBS if _asked(query, f"{self.name}-{job}")
                ]
            case "/stages":
                wanted = set(query["job_ids"].split(",")) if "job_ids" in query else None
                return [
                    {"id": id, "job": f"{self.name}-{job}", "name": name, "order": order}
                    for job in JOBS
                    for order, (id, name) in enumerate(self.ladders[job].items())
                    if wanted is None or f"{self.name}-{job}" in wanted
                ]
            case _:
                return self._objects(
                    {"/people": PERSON, "/applications": APPLICATION, "/notes": NOTE}[path], query, when
                )

    def _objects(self, kind: str, query: Mapping[str, str], when: float) -> list[Any]:
        people = set(query["person_ids"].split(",")) if "person_ids" in query else None
        shown: list[Any] = []
        for thing in self.things.values():
            by_mark = "ref" in query  # what is declared to be found is found
            state = thing.at(when) if thing.kind == kind and (by_mark or not self._unseen(thing)) else None
            if state is None or not _asked(query, thing.id) or (people is not None and thing.parent not in people):
                continue
            if self._stamp(state["updated"]) < query.get("since", "") or query.get(
                "ref", state.get("ref")
            ) != state.get("ref"):
                continue
            shown.append(self._shown(thing, state))
        return shown

    def _unseen(self, thing: Thing) -> bool:
        """Hidden, or hanging on somebody who is."""
        above = self.things.get(thing.parent or "")
        return thing.hidden or (above is not None and above.hidden)

    def _shown(self, thing: Thing, state: State) -> State:
        hidden = {self.lacks}
        if not (self.traits.note_marker if thing.kind == NOTE else self.traits.marker):
            hidden.add("ref")
        shown = {self.score if name == SCORE else name: value for name, value in state.items() if name not in hidden}
        times = {name: self._stamp(state[name]) for name in ("created", "updated")}
        return {"id": thing.id, **({"person": thing.parent} if thing.parent else {}), **shown, **times}

    def _stamp(self, at: float) -> str:
        moment = BEGINNING + timedelta(seconds=at + self.skew)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _write(self, method: str, path: str, body: dict[str, Any], who: str) -> WireResponse:
        match method, path.strip("/").split("/"):
            case "POST", ["people"]:
                return self._new_person(body, who)
            case "POST", ["applications"]:
                return self._new_child(APPLICATION, {"stage": None, "status": "open", "score": None} | body, who)
            case "POST", ["notes"]:
                return self._new_child(NOTE, body, who)
            case "DELETE", ["notes", id]:
                self._called(who, "delete", id)
                self.remove(id, who)
                return WireResponse(204, {}, b"")
            case "POST", ["people", id, "anonymise"] if self.traits.erases == "anonymise":
                self._called(who, "anonymise", id)
                self.anonymise(id, who)
                return self._answered(id)
            case "DELETE", ["people", id] if self.traits.erases == "remove":
                self._called(who, "remove", id)
                self.remove(id, who)
                return WireResponse(204, {}, b"")
            case "POST", ["applications", id, "move"]:
                return self._move(id, body, who)
            case "POST", ["people", id, "tags"]:
                return self._tag(id, body, who)
            case "PATCH", [_, id]:
                self._called(who, ",".join(sorted(body)), id)
                self.change(id, body, who)
                return self._answered(id)
            case _:
                raise Refused(404, f"no {method} {path}")

    def _called(self, who: str, what: str, id: str) -> None:
        thing = self.things.get(id)
        if thing is None or thing.state is None or self._clock() < thing.shown_from or self._unseen(thing):
            raise Refused(404, "no such object")
        self.calls.append((self._clock(), who, what, id))

    def _answered(self, id: str, status: int = 200) -> WireResponse:
        if not self.traits.answers:
            return WireResponse(204, {}, b"")
        thing = self.things[id]
        return _json(status, self._shown(thing, thing.state or {}))

    def _new_person(self, body: State, who: str) -> WireResponse:
        if self.traits.attaches:
            mails = {str(one).casefold() for one in body.get("emails") or ()}
            for known in self.live(PERSON):
                if mails & {str(one).casefold() for one in (known.state or {}).get("emails") or ()}:
                    known.attached.append(body)
                    return _json(200, {"id": known.id})
        empty: State = {"first_name": None, "last_name": None, "title": None, "company": None, "emails": [], "tags": []}
        id = self.create(PERSON, None, empty | {"score": None} | body, who, _whose(body))
        return self._made(id)

    def _new_child(self, kind: str, body: State, who: str) -> WireResponse:
        person = self.things.get(str(body.pop("person")))
        if person is None or person.state is None or person.hidden:
            raise Refused(404, "no such person")
        if kind == APPLICATION and any(
            (a.state or {}).get("job") == body.get("job") for a in self.children(person.id, kind)
        ):
            raise Refused(422, "has applied to this job")
        return self._made(self.create(kind, person.id, body, who, person.whose))

    def _made(self, id: str) -> WireResponse:
        if self.traits.late_ids:
            return _json(202, {"message": "accepted"})
        return _json(201, {"id": id})

    def _move(self, id: str, body: State, who: str) -> WireResponse:
        self._called(who, f"move {body['to']}", id)
        state = self.now(id) or {}
        if body.get("from") is not None and body["from"] != state.get("stage"):
            raise Refused(409, "has moved on")
        job = str(state["job"]).removeprefix(f"{self.name}-")
        if body["to"] != ARCHIVED and body["to"] not in self.ladders[job]:
            raise Refused(422, "there is no such stage")
        if self.traits.steps and body["to"] != ARCHIVED:
            first = [self.stage_id(job, stage) for stage in STAGES]
            ladder = [id for id in self.ladders[job] if id in first]  # what was added later is reached from anywhere
            steps = [ladder.index(id) for id in (body["to"], state.get("stage")) if id in ladder]
            if len(steps) > 1 and abs(steps[0] - steps[1]) > 1:
                raise Refused(422, "one step at a time")
        self.change(id, {"stage": body["to"]}, who)
        return self._answered(id)

    def _tag(self, id: str, body: State, who: str) -> WireResponse:
        self._called(who, "tags", id)
        if "tags" in body:
            tags = body["tags"]
        else:
            away = {str(one).casefold() for one in body.get("remove", ())}
            tags = [one for one in (self.now(id) or {}).get("tags", ()) if one.casefold() not in away]
            tags += [one for one in body.get("add", ()) if one.casefold() not in {t.casefold() for t in tags}]
        self.change(id, {"tags": tags}, who)
        return self._answered(id)


def _asked(query: Mapping[str, str], id: str) -> bool:
    return "ids" not in query or id in query["ids"].split(",")


def _whose(body: State) -> str:
    """Who is meant by what was sent: the world's people have one address for life, `<whose>@...`."""
    mails = [str(one) for one in body.get("emails") or ()]
    return mails[0].split("@")[0].split(".")[0] if mails else ""


def _json(status: int, body: Any) -> WireResponse:
    return WireResponse(status, {"content-type": "application/json"}, json.dumps(body).encode())
