"""What a resume shows, read once and scored against as many jobs as there are.

Reading is nearly all of the work: cutting the text into words, finding skills, titles and dates, and turning passages
into vectors. What it gives does not depend on any job, so it can be kept (`study`) and weighed against a new job in a
fraction of a millisecond. It is made from the redacted text and holds nothing of who somebody is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice, pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from .conditions import Claim, claims_in
from .embed import Embedder, Vector
from .phrases import Runs, Words
from .profile import Profile, parse
from .redaction import MARK, Redacted
from .sections import Section, resume_sections
from .skills import SkillHit, SkillLinker
from .taxonomy import Taxonomy
from .titles import TitleLinker
from .tricks import Advert, Flag, codes_of, screen, without

EVIDENCE = "evidence-5"
"""Raised when the same text would give other evidence, or another profile."""
PLENTY = 150
"""Words from which on a resume's length says nothing of how much could be read."""
WINDOW = 150
_MOST_TITLES = 8


@dataclass(frozen=True, slots=True)
class Evidence:
    """A resume after redaction and screening, cut, linked and turned into vectors."""

    text: str
    """Redacted; tricks are blanked. Places are those of the text as it was read."""
    sections: tuple[Section, ...]
    hits: tuple[SkillHit, ...]
    profile: Profile
    windows: tuple[tuple[int, int], ...]
    """Passages of about 150 words, as places."""
    vectors: NDArray[np.float16]
    """A row of length one for each window, and two more: the whole text, and the titles held."""
    codes: NDArray[np.uint64]
    """A number for each word, in order: enough to recognise what was copied from an advert."""
    size: int
    """How many words could be judged, counted up to 150."""
    as_of: date
    """The day that "today" meant in it: positions that go on end there."""
    flags: tuple[Flag, ...]
    model: str
    """The name of the vectors' model."""
    made: str
    """What it was made with; other evidence of the same text has another name."""
    claims: tuple[Claim, ...] = ()
    """What it says of conditions such as licences and on-call duty."""
    wrong: frozenset[str] = frozenset()
    """Ids of skills that a person has said are not theirs, whatever the text says."""

    @property
    def titles_held(self) -> str:
        """The titles at the top and of the positions, as one text."""
        return _titles_held(self.text, self.profile)

    @property
    def passages(self) -> Vector:
        """One row for each window."""
        return self.vectors[:-2].astype(np.float32)

    @property
    def whole(self) -> Vector:
        return self.vectors[-2].astype(np.float32)

    @property
    def titles(self) -> Vector:
        return self.vectors[-1].astype(np.float32)


class KeptEvidence(msgspec.Struct, array_like=True):
    """Evidence as it is stored."""

    text: str
    sections: tuple[Section, ...]
    hits: tuple[tuple[str, int, int], ...]
    profile: Profile
    windows: tuple[tuple[int, int], ...]
    vectors: bytes
    codes: bytes
    size: int
    as_of: date
    flags: tuple[Flag, ...]
    claims: tuple[Claim, ...]


_Linked = tuple[Runs, tuple[SkillHit, ...], NDArray[np.uint64]]


class EvidenceMaker:
    """Reads redacted resumes. Holds the shared tables only; safe to share between threads."""

    def __init__(self, taxonomy: Taxonomy, skills: SkillLinker, titles: TitleLinker, embedder: Embedder) -> None:
        self._taxonomy = taxonomy
        self._skills = skills
        self._titles = titles
        self._embedder = embedder
        self.version = f"{EVIDENCE}/{taxonomy.version}/{embedder.model}"

    def make(self, resume: Redacted, as_of: date, flags: Sequence[Flag] = ()) -> Evidence:
        """Read one resume. `flags` are findings of whoever read the file, passed on."""
        runs = self._taxonomy.vocabulary.runs(resume.words)
        hits, codes = self._skills.hits_in(runs), codes_of(resume.words)
        words, tricks = screen(resume.words, codes, [(hit.start, hit.id) for hit in hits])
        known = (runs, hits, codes) if words is resume.words else None
        return self._read(words, known, as_of, (*flags, *tricks))

    def apart_from(self, evidence: Evidence, advert: Advert) -> Evidence:
        """The same without what was copied from a job's text; itself where nothing was."""
        cut = without(evidence.text, evidence.codes, advert)
        if cut is None:
            return evidence
        words, flag = cut
        return denying(self._read(words, None, evidence.as_of, (*evidence.flags, flag)), evidence.wrong)

    def _read(self, words: Words, known: _Linked | None, as_of: date, flags: Sequence[Flag]) -> Evidence:
        if known is None:
            runs = self._taxonomy.vocabulary.runs(words)
            known = runs, self._skills.hits_in(runs), codes_of(words)
        runs, hits, codes = known
        sections = resume_sections(words.text)
        profile = parse(runs, as_of, self._titles, sections)
        windows = _windows(words)
        passages = [words.text[start:end] for start, end in windows]
        rows = self._embedder.windows(passages, [_titles_held(words.text, profile)])
        return Evidence(
            text=words.text,
            sections=sections,
            hits=hits,
            profile=profile,
            windows=windows,
            vectors=rows.astype(np.float16),
            codes=codes,
            size=len(list(islice((word for word in words.words if len(word) > 1 and word.isalpha()), PLENTY))),
            as_of=as_of,
            flags=tuple(flags),
            model=self._embedder.model,
            made=self.version,
            claims=claims_in(words),
        )

    def in_english(self, evidence: Evidence) -> Vector:
        """The vector of what is the same in every language: occupations and skills by their English names."""
        names = self._taxonomy.occupation_titles
        held = [names[code] for position in evidence.profile.positions for code in sorted(set(position.codes))]
        return self._embedder.vector(". ".join([*held, *(hit.label for hit in evidence.hits)]))

    def kept(self, evidence: Evidence) -> KeptEvidence:
        """Evidence as it is stored. It holds the words of the resume: keep it where personal values are kept."""
        return KeptEvidence(
            evidence.text,
            evidence.sections,
            tuple((hit.id, hit.start, hit.end) for hit in evidence.hits),
            evidence.profile,
            evidence.windows,
            evidence.vectors.tobytes(),
            evidence.codes.astype(np.uint32).tobytes(),
            evidence.size,
            evidence.as_of,
            evidence.flags,
            evidence.claims,
        )

    def again(self, kept: KeptEvidence) -> Evidence:
        """What was kept, by these tables and this model: those that `version` names."""
        return Evidence(
            text=kept.text,
            sections=kept.sections,
            hits=tuple(self._skills.hit(id, kept.text, start, end) for id, start, end in kept.hits),
            profile=kept.profile,
            windows=kept.windows,
            vectors=np.frombuffer(kept.vectors, np.float16).reshape(-1, self._embedder.dimensions),
            codes=np.frombuffer(kept.codes, np.uint32).astype(np.uint64),
            size=kept.size,
            as_of=kept.as_of,
            flags=kept.flags,
            model=self._embedder.model,
            made=self.version,
            claims=kept.claims,
        )


def denying(evidence: Evidence, skills: frozenset[str]) -> Evidence:
    """The same without these skills."""
    if not skills:
        return evidence
    hits = tuple(hit for hit in evidence.hits if hit.id not in skills)
    return replace(evidence, hits=hits, wrong=evidence.wrong | skills)


def left_out(text: str, passages: Sequence[tuple[int, int]]) -> str:
    """The text with nothing in these places; all others keep theirs."""
    for start, end in passages:
        gap = "".join(letter if letter == "\n" else " " for letter in text[start:end])
        text = text[:start] + gap + text[end:]
    return text


def _windows(words: Words) -> tuple[tuple[int, int], ...]:
    """The text in windows of about 150 words, all of nearly the same length."""
    if not len(words):
        return ()
    count = max(1, round(len(words) / WINDOW))
    edges = [at * len(words) // count for at in range(count + 1)]
    return tuple((words.starts[a], words.ends[b - 1]) for a, b in pairwise(edges))


def _titles_held(text: str, profile: Profile) -> str:
    titles = _top_lines(text) + [position.title for position in profile.positions[:_MOST_TITLES]]
    return ". ".join(dict.fromkeys(title for title in titles if title))


def _top_lines(text: str) -> list[str]:
    """The short lines at the very top, where people put what they are; blanked ones left out."""
    lines = [line.strip() for line in text.strip().split("\n")[:5]]
    return [line for line in lines if line and MARK not in line and len(line.split()) <= 8][:2]
