"""The door of the match room: read a file, derive a rubric, score a resume, say why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from .asked import SkillsAsked
from .changes import Changes, SkillChange, applied
from .conditions import Condition
from .eligibility import Checked
from .embed import Embedder
from .evidence import Evidence, EvidenceMaker, denying, left_out
from .meanings import Meanings
from .occupations import Occupations
from .particulars import Person, personal
from .parts import Answer, Reason
from .phrases import split
from .profile import Profile, parse
from .query import Query, QueryReader
from .readings import Reading
from .redaction import redact, redact_words
from .resume import Resume, ResumeMaker, lives_in
from .rubric import Importance, Rubric, RubricMaker
from .score import Score, ScorePart, Scorer
from .skill_words import SkillWords
from .skills import SkillHit, SkillLinker
from .study import Study, packed, unpacked
from .taxonomy import Taxonomy
from .titles import TitleLinker
from .traits import NEVER, Traits, skill_mark, without, words_of, work_mark
from .tricks import Flag, clean, codes_of, screen

_UNCHANGED = Changes()


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a person has said is wrong in a score: ids of skills that are not theirs, and passages of the text that
    prove nothing."""

    skills: frozenset[str] = frozenset()
    passages: tuple[tuple[int, int], ...] = ()


_NOTHING = Wrong()


class Matcher:
    """Everything that turns a job and a resume's text into a score. Tables load on first use; safe to share between
    threads."""

    @cached_property
    def taxonomy(self) -> Taxonomy:
        return Taxonomy.load()

    @cached_property
    def skills(self) -> SkillLinker:
        return SkillLinker(self.taxonomy)

    @cached_property
    def meanings(self) -> Meanings:
        return Meanings(self.taxonomy)

    @cached_property
    def asked(self) -> SkillsAsked:
        """Skills as deeply as they can be read: for adverts, and for one resume at a time."""
        return SkillsAsked(self.skills, self.meanings, self.skill_words)

    @cached_property
    def skill_words(self) -> SkillWords:
        return SkillWords(self.embedder)

    @cached_property
    def titles(self) -> TitleLinker:
        return TitleLinker(self.taxonomy)

    @cached_property
    def embedder(self) -> Embedder:
        return Embedder.load()

    @cached_property
    def _maker(self) -> RubricMaker:
        return RubricMaker(self.skills, self.titles, self.embedder, Occupations(self.taxonomy, self.embedder))

    @cached_property
    def _reading(self) -> EvidenceMaker:
        return EvidenceMaker(self.taxonomy, self.skills, self.titles, self.embedder)

    @cached_property
    def _resumes(self) -> ResumeMaker:
        return ResumeMaker(self.taxonomy, self.skills, self.titles, self.asked)

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self._reading, self.taxonomy, self.skills)

    def rubric_for(
        self,
        title: str,
        text: str,
        questions: Sequence[str] = (),
        changes: Changes = _UNCHANGED,
        offices: Sequence[str] = (),
    ) -> Rubric:
        """The rubric of a job, with what a person has decided of it. Plain text or HTML; a job without text gives a
        rubric whose `reason` says so. `offices` are where the ATS says the job is."""
        return applied(self._maker.derive(title, text, questions, offices), changes, self.titles, self._maker)

    def skill_named(self, name: str, importance: Importance) -> SkillChange:
        """A skill as a person names it: the canonical one, or where no taxonomy knows it, the name by itself."""
        concept = self.skills.find(name)
        if concept is None:
            return SkillChange(f"advert:{name.lower()}", name, "advert", 0.6, importance)
        return SkillChange(concept.id, concept.label, concept.scheme, concept.weight, importance)

    def profile(self, text: str, as_of: date) -> Profile:
        """Parsed experience for the record and the ATS. Not redacted; nothing of it reaches the scorer."""
        return parse(self.taxonomy.vocabulary.runs(split(clean(text)[0])), as_of, self.titles)

    def resume(self, text: str, as_of: date) -> Resume:
        """A resume as data, for the record, the API and people. Places in it are places in `clean(text)`."""
        return self._resumes.make(clean(text)[0], as_of)

    def read(self, text: str, person: Person, as_of: date, flags: Sequence[Flag] = ()) -> Evidence:
        """What a resume's text shows, to be scored against any number of jobs. `person` is what the ATS knows, to be
        blanked; `flags` are the reader's findings. Places in it are places in `clean(text)`, which for a reader's text
        is the text itself."""
        return self._read(clean(text), person, as_of, flags)

    def _read(
        self, cleaned: tuple[str, tuple[Flag, ...]], person: Person, as_of: date, flags: Sequence[Flag]
    ) -> Evidence:
        text, seen = cleaned
        found = (*flags, *(flag for flag in seen if flag not in flags))
        words = split(text)
        top = text.lstrip().split("\n", 1)[0]
        # People put a title where others put their name.
        named = self._has_name(top, person) or not self.titles.is_title(top)
        return self._reading.make(redact_words(words, person, self._keep(person), named=named), as_of, found)

    @cached_property
    def _query(self) -> QueryReader:
        return QueryReader(self.skills, self.titles, self.embedder)

    def query(self, text: str) -> Query:
        """What is asked for with some words, typed into one box."""
        return self._query.read(text)

    def traits(
        self,
        text: str,
        said: Sequence[str],
        noted: Sequence[str],
        person: Person,
        as_of: date,
        study: Study | None = None,
    ) -> Traits:
        """What somebody is found by: their resume's text ("" for none), what is `said` of them besides, such as titles
        and answers, and the words that others have `noted`. Tricks are blanked as for a score. `study` is what was made
        of this text, person and day; without it, or where its file showed a trick, the text is read."""
        kept = study.evidence if study is not None and study.evidence is not None and not study.evidence.flags else None
        read, keep = kept or self.read(text, person, as_of), self._keep(person)
        cleaned, beside = clean(text)[0], clean("\n".join(said))[0]
        redacted = redact(beside, person, keep).text
        work = {code for held in read.profile.positions for code in held.codes}
        work |= {code for line in said for code in self.titles.codes(line)}
        shown = [read.text if read.flags else cleaned, beside, *(clean(note)[0] for note in noted)]
        words = {word for one in shown for word in words_of(without(one, self._never(one, person, keep)))}
        marks = {*map(skill_mark, {hit.id for hit in (*read.hits, *self.skills.hits(redacted))}), *map(work_mark, work)}
        return Traits(self.embedder.vector(f"{redacted}\n{read.text}"), frozenset(words | marks))

    @staticmethod
    def _never(text: str, person: Person, keep: frozenset[str]) -> list[tuple[int, int]]:
        """Where it says what nobody is to be found by."""
        return [(one.start, one.end) for one in personal(split(text), person, keep) if one.kind in NEVER]

    def study(self, reading: Reading, person: Person, as_of: date, wrong: Wrong = _NOTHING) -> Study:
        """All that a file shows, to be kept and judged by any rubric. Passages that a person has said prove nothing are
        left out of the evidence."""
        if reading.status != "read":
            return Study(reading)
        text, seen = clean(reading.text)
        evidence = self._read((left_out(text, wrong.passages), seen), person, as_of, reading.flags)
        lives = lives_in(text)
        return Study(reading, evidence, self.profile(text, as_of), lives.value if lives else "")

    def judge(
        self,
        study: Study,
        rubric: Rubric,
        person: Person,
        answers: Mapping[str, str] | None = None,
        wrong: Wrong = _NOTHING,
    ) -> Score:
        """The score of a file that was studied, with quotes as they are written there. ValueError where it could not be
        read."""
        if study.evidence is None:
            raise ValueError(f"this file was not read: {study.reading.reason}")
        score = self.weigh(denying(study.evidence, wrong.skills), rubric, person, answers)
        return _written(score, clean(study.reading.text)[0], answers, study.lives)

    def warm(self) -> None:
        """Load what judging needs before it is asked for."""
        _ = self._scorer

    def packed(self, study: Study) -> bytes:
        """A study as bytes, to be kept sealed like the text it was made from."""
        return packed(study, self._reading)

    def unpacked(self, data: bytes) -> Study | None:
        """What was packed; None where it was made with other tables or another model: then read the file again."""
        return unpacked(data, self._reading)

    def weigh(
        self, evidence: Evidence, rubric: Rubric, person: Person, answers: Mapping[str, str] | None = None
    ) -> Score:
        """Score what was read before. `answers` maps question to answer. Quotes are in the words of the evidence, in
        which gendered titles have their common form."""
        if not answers:
            return self._scorer.score(evidence, rubric)
        keep = self._keep(person)
        given = {question: clean(answer)[0] for question, answer in answers.items()}
        return self._scorer.score(
            evidence,
            rubric,
            tuple(Answer(question, redact(answer, person, keep)) for question, answer in given.items()),
        )

    def score(
        self,
        text: str,
        rubric: Rubric,
        person: Person,
        as_of: date,
        answers: Mapping[str, str] | None = None,
        flags: Sequence[Flag] = (),
        wrong: Wrong = _NOTHING,
    ) -> Score:
        """Read a resume's text and score it, with quotes as they are written there. `wrong` is what a person has said
        of an earlier score of the same text."""
        cleaned = clean(text)
        read = left_out(cleaned[0], wrong.passages), cleaned[1]
        evidence = denying(self._read(read, person, as_of, flags), wrong.skills)
        lives = lives_in(cleaned[0]) if rubric.conditions else None
        return _written(
            self.weigh(evidence, rubric, person, answers), cleaned[0], answers, lives.value if lives else ""
        )

    def shown(self, text: str, person: Person) -> tuple[str, str]:
        """A text as it is written (`clean`), and as it may be shown to a model of others: particulars, orders to a
        model and what is said over and over are blanked. Every place in one is the same place in the other."""
        cleaned, _ = clean(text)
        words = redact_words(split(cleaned), person, self._keep(person)).words
        return cleaned, screen(words, codes_of(words), ())[0].text

    @staticmethod
    def _has_name(line: str, person: Person) -> bool:
        return any(part in line.lower() for name in person.names for part in name.lower().split())

    def _keep(self, person: Person) -> frozenset[str]:
        """Parts of the name that are names of skills too."""
        return frozenset(part for name in person.names for part in name.lower().split() if self.skills.find(part))


def _written(score: Score, text: str, answers: Mapping[str, str] | None, lives: str) -> Score:
    """With each quote as it is written: the scorer saw gendered words in their common form."""
    given = {question: clean(answer)[0] for question, answer in (answers or {}).items()}
    return replace(
        score,
        parts=tuple(_cite(part, text, given) for part in score.parts),
        skills=tuple(_as_written(hit, text) for hit in score.skills),
        conditions=tuple(_shown(one, text, given, lives) for one in score.conditions),
    )


def _as_written(hit: SkillHit, resume: str) -> SkillHit:
    quote = resume[hit.start : hit.end]
    return hit if quote == hit.quote else replace(hit, quote=quote)


def _cite(part: ScorePart, resume: str, answers: Mapping[str, str]) -> ScorePart:
    reasons = tuple([_reason(reason, resume, answers) for reason in part.reasons])
    return part if reasons == part.reasons else replace(part, reasons=reasons)


def _reason(reason: Reason, resume: str, answers: Mapping[str, str]) -> Reason:
    if reason.start < 0:
        return reason
    source = resume if reason.source == "resume" else answers[reason.source]
    quote = source[reason.start : reason.end]
    return reason if quote == reason.quote else replace(reason, quote=quote)


def _shown(one: Checked, resume: str, answers: Mapping[str, str], lives: str) -> Checked:
    """A condition with its quote as written, and a place with where they live, which never reaches the scorer."""
    reason = _reason(one.reason, resume, answers) if one.reason else None
    return replace(one, reason=reason, lives=lives if one.condition is Condition.PLACE else "")
