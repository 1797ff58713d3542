"""Many files that were studied, judged by one rubric: what is asked and answered, here or in a child process.

As a program it is that child: portions come in on its standard input, and it ends with it. It is told nothing but what
a score is made of, opens no file but its tables, and keeps nothing.
"""

from __future__ import annotations

import gc
import pickle
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import msgspec

from .matcher import Matcher, Wrong
from .particulars import Person
from .profile import Profile
from .readings import Reading
from .rubric import Rubric
from .score import Score


@dataclass(frozen=True, slots=True)
class Ask:
    """One file to be judged: its study as `Matcher.packed` gave it, whose it is, what they answered, and what people
    said is wrong."""

    study: bytes
    person: Person
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    wrong: Wrong = field(default_factory=Wrong)


@dataclass(frozen=True, slots=True)
class Judged:
    """How it was read (without its text), and, where it could be read, its score and what was parsed of it."""

    reading: Reading
    score: Score | None = None
    profile: Profile | None = None


ASKS = msgspec.msgpack.Decoder(tuple[Ask, ...])
ANSWERS = msgspec.msgpack.Decoder(tuple[Judged | None, ...])
HEAD = struct.Struct(">II")  # bytes of the rubric, 0 for the one before; bytes of what is asked
READY = b"ready\n"


def judged(matcher: Matcher, ask: Ask, rubric: Rubric) -> Judged | None:
    """The same as `Matcher.judge` of the study. None where it was made with other tables, another model or other rules:
    then the file is to be read again."""
    study = matcher.unpacked(ask.study)
    if study is None:
        return None
    reading = replace(study.reading, text="")
    if study.evidence is None:
        return Judged(reading)
    return Judged(reading, matcher.judge(study, rubric, ask.person, ask.answers, ask.wrong), study.profile)


def portion(matcher: Matcher, asks: Sequence[Ask], rubric: Rubric) -> tuple[Judged | None, ...]:
    """Each of them, in their order."""
    return tuple([judged(matcher, one, rubric) for one in asks])


def serve(source: BinaryIO, answer: Callable[[bytes], None]) -> None:
    """Answer what is asked until there is no more. A rubric is told once, before what it is for."""
    matcher, rubric = Matcher(), None
    matcher.warm()
    gc.freeze()  # nobody looks through the tables for garbage, and values make no cycles of it
    gc.set_threshold(20_000, 20, 50)
    answer(READY)
    while len(head := source.read(HEAD.size)) == HEAD.size:
        told, asked = HEAD.unpack(head)
        if told:
            rubric = pickle.loads(source.read(told))
        assert rubric is not None
        given = msgspec.msgpack.encode(portion(matcher, ASKS.decode(source.read(asked)), rubric))
        answer(struct.pack(">I", len(given)) + given)


def main() -> None:
    def answer(data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    serve(sys.stdin.buffer, answer)


if __name__ == "__main__":
    main()
