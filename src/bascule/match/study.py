"""A file that was read, and all that its text shows: kept, it is scored against any job without being read again.

What is kept says what it was made with. With other tables, another model or other rules of reading it is not used: the
file is read again.
"""

import zlib
from dataclasses import dataclass

import msgspec

from .evidence import Evidence, EvidenceMaker, KeptEvidence
from .profile import Profile
from .readings import Reading


@dataclass(frozen=True, slots=True)
class Study:
    """`evidence` and `profile` are None where the file could not be read. `lives` is where somebody says that they
    live, "" where they do not."""

    reading: Reading
    evidence: Evidence | None = None
    profile: Profile | None = None
    lives: str = ""


class _Kept(msgspec.Struct, array_like=True):
    reading: Reading
    evidence: KeptEvidence | None
    profile: Profile | None
    lives: str


_DECODER = msgspec.msgpack.Decoder(_Kept)


def packed(study: Study, maker: EvidenceMaker) -> bytes:
    """As bytes. They hold what the file says, names and all: keep them where personal values are kept."""
    evidence = None if study.evidence is None else maker.kept(study.evidence)
    kept = _Kept(study.reading, evidence, study.profile, study.lives)
    return zlib.compress(_mark(maker) + msgspec.msgpack.encode(kept), 1)


def unpacked(data: bytes, maker: EvidenceMaker) -> Study | None:
    """What was packed; None where it was made with something else."""
    raw, mark = zlib.decompress(data), _mark(maker)
    if not raw.startswith(mark):
        return None
    kept = _DECODER.decode(raw[len(mark) :])
    evidence = None if kept.evidence is None else maker.again(kept.evidence)
    return Study(kept.reading, evidence, kept.profile, kept.lives)


def _mark(maker: EvidenceMaker) -> bytes:
    return maker.version.encode() + b"\n"
